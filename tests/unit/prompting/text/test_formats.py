"""The formats models were trained with, and which one a name speaks of."""

import pytest

from chalicelib.models.templates import ContextTemplate, TextTemplates
from chalicelib.prompting.text.formats import FORMATS, format_of, formatted
from tests.unit.prompting.text.builders import STORY, prompt


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("qwen2.5:7b-instruct-q4_K_M", "chatml"),
        ("Qwen3-8B", "chatml"),
        ("Qwen3-8B-Base", "plain"),
        ("koboldcpp/Hermes-3-Llama-3.1-8B", "chatml"),
        ("Meta-Llama-3.1-8B-Instruct.Q5_K_M.gguf", "llama3"),
        ("Meta-Llama-3.1-8B", "plain"),
        ("Mistral-Small-3.2-24B-Instruct-2506", "mistral"),
        ("gemma-2-9b-it-Q6_K", "gemma"),
        ("Phi-3-mini-4k-instruct", "phi"),
        ("c4ai-command-r-08-2024", "command_r"),
        ("something-else", "plain"),
        ("", "plain"),
    ],
)
def test_a_models_name_speaks_of_its_format(model: str, expected: str) -> None:
    assert format_of(model) == expected


def test_a_choice_beats_the_name_and_marks_between_turns_are_left_out() -> None:
    templates = TextTemplates(context=ContextTemplate(story_string=STORY, chat_start="***", example_separator="---"))
    assert formatted(templates, "plain", "Qwen3-8B") is templates
    assert formatted(templates, "auto", "unheard of") is templates
    chosen = formatted(templates, "llama3", "Qwen3-8B")
    assert chosen.instruct.name == "Llama 3"
    assert (chosen.context.chat_start, chosen.context.example_separator) == ("", "")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "chatml",
            "<|im_start|>system\nPlay Tessa.\nA keeper.<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n"
            "<|im_start|>user\nHi.<|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "mistral",
            "[SYSTEM_PROMPT]Play Tessa.\nA keeper.[/SYSTEM_PROMPT][INST]…[/INST]Hello.</s>[INST]Hi.[/INST]",
        ),
        (
            "gemma",
            "<start_of_turn>user\nPlay Tessa.\nA keeper.<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n"
            "<start_of_turn>user\nHi.<end_of_turn>\n<start_of_turn>model\n",
        ),
        ("vicuna", "Play Tessa.\nA keeper.\nASSISTANT: Hello.</s>\nUSER: Hi.\nASSISTANT: "),
        ("alpaca", "Play Tessa.\nA keeper.\n\n### Response:\nHello.\n\n### Instruction:\nHi.\n\n### Response:\n"),
    ],
)
def test_a_short_chat_in_each_format(name: str, expected: str) -> None:
    context = ContextTemplate(story_string=STORY)
    assert prompt("Tessa: Hello.", "Robin: Hi.", instruct=FORMATS[name], context=context).flat == expected
