"""The turn formats models were trained with, as instruct templates, and which one a model's name speaks of.

The sequences are facts of the models' own documentation; everything else in a prompt is the preset's.
"""

import re
from typing import get_args

from chalicelib.models.connections import TextFormat
from chalicelib.models.templates import Instruct, TextTemplates

FORMATS: dict[str, Instruct] = {
    "chatml": Instruct(
        enabled=True,
        name="ChatML",
        input_sequence="<|im_start|>user",
        output_sequence="<|im_start|>assistant",
        system_sequence="<|im_start|>system",
        input_suffix="<|im_end|>\n",
        output_suffix="<|im_end|>\n",
        system_suffix="<|im_end|>\n",
        story_string_prefix="<|im_start|>system",
        story_string_suffix="<|im_end|>\n",
        stop_sequence="<|im_end|>",
    ),
    "llama3": Instruct(
        enabled=True,
        name="Llama 3",
        input_sequence="<|start_header_id|>user<|end_header_id|>\n\n",
        output_sequence="<|start_header_id|>assistant<|end_header_id|>\n\n",
        system_sequence="<|start_header_id|>system<|end_header_id|>\n\n",
        input_suffix="<|eot_id|>",
        output_suffix="<|eot_id|>",
        system_suffix="<|eot_id|>",
        story_string_prefix="<|start_header_id|>system<|end_header_id|>\n\n",
        story_string_suffix="<|eot_id|>",
        stop_sequence="<|eot_id|>",
        wrap=False,
    ),
    "mistral": Instruct(
        enabled=True,
        name="Mistral",
        input_sequence="[INST]",
        output_sequence="",
        system_sequence="[SYSTEM_PROMPT]",
        input_suffix="[/INST]",
        output_suffix="</s>",
        system_suffix="[/SYSTEM_PROMPT]",
        story_string_prefix="[SYSTEM_PROMPT]",
        story_string_suffix="[/SYSTEM_PROMPT]",
        stop_sequence="</s>",
        user_alignment="…",
        wrap=False,
    ),
    "gemma": Instruct(
        enabled=True,
        name="Gemma",
        input_sequence="<start_of_turn>user",
        output_sequence="<start_of_turn>model",
        system_sequence="<start_of_turn>user",
        input_suffix="<end_of_turn>\n",
        output_suffix="<end_of_turn>\n",
        system_suffix="<end_of_turn>\n",
        story_string_prefix="<start_of_turn>user",
        story_string_suffix="<end_of_turn>\n",
        stop_sequence="<end_of_turn>",
        system_same_as_user=True,
    ),
    "phi": Instruct(
        enabled=True,
        name="Phi 3",
        input_sequence="<|user|>",
        output_sequence="<|assistant|>",
        system_sequence="<|system|>",
        input_suffix="<|end|>\n",
        output_suffix="<|end|>\n",
        system_suffix="<|end|>\n",
        story_string_prefix="<|system|>",
        story_string_suffix="<|end|>\n",
        stop_sequence="<|end|>",
    ),
    "command_r": Instruct(
        enabled=True,
        name="Command R",
        input_sequence="<|START_OF_TURN_TOKEN|><|USER_TOKEN|>",
        output_sequence="<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        system_sequence="<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>",
        input_suffix="<|END_OF_TURN_TOKEN|>",
        output_suffix="<|END_OF_TURN_TOKEN|>",
        system_suffix="<|END_OF_TURN_TOKEN|>",
        story_string_prefix="<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>",
        story_string_suffix="<|END_OF_TURN_TOKEN|>",
        stop_sequence="<|END_OF_TURN_TOKEN|>",
        wrap=False,
    ),
    "alpaca": Instruct(
        enabled=True,
        name="Alpaca",
        input_sequence="### Instruction:",
        output_sequence="### Response:",
        system_sequence="### Input:",
        input_suffix="\n\n",
        output_suffix="\n\n",
        system_suffix="\n\n",
        story_string_suffix="\n\n",
    ),
    "vicuna": Instruct(
        enabled=True,
        name="Vicuna",
        input_sequence="\nUSER: ",
        output_sequence="\nASSISTANT: ",
        system_sequence="\nSYSTEM: ",
        output_suffix="</s>",
        stop_sequence="</s>",
        wrap=False,
    ),
}
# Only names of models that were tuned to talk: a base model of the same family knows no turns.
_SPEAKS_OF: list[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern, re.IGNORECASE), name)
    for pattern, name in (
        (r"chatml|hermes|dolphin|qwen[\w.:/-]{0,30}(?:instruct|chat)|qwen3(?![\w.:/-]{0,30}base)|qwq", "chatml"),
        (r"llama-?3[\w.:/-]{0,30}instruct", "llama3"),
        (r"(?:mistral|ministral|magistral)[\w.:/-]{0,30}instruct", "mistral"),
        (r"gemma-?[23n]?[\w.:/-]{0,30}-it\b", "gemma"),
        (r"phi-?3[\w.:/-]{0,30}instruct", "phi"),
        (r"command-?r|c4ai-command", "command_r"),
        (r"alpaca", "alpaca"),
        (r"vicuna", "vicuna"),
    )
]
_NAME_CHARACTERS_MOST = 300


def format_of(model: str) -> str:
    """The format a model's name speaks of; `plain` where it says nothing."""
    name = model[:_NAME_CHARACTERS_MOST]
    return next((found for pattern, found in _SPEAKS_OF if pattern.search(name)), "plain")


def formatted(templates: TextTemplates, chosen: TextFormat, model: str) -> TextTemplates:
    """The templates in a format: the chosen one, or the model's own. Marks between turns would belong to nobody."""
    name = format_of(model) if chosen == "auto" else chosen
    if name == "plain":
        return templates
    context = templates.context.model_copy(update={"chat_start": "", "example_separator": ""})
    return templates.model_copy(update={"instruct": FORMATS[name], "context": context})


assert set(get_args(TextFormat)) == {"auto", "plain", *FORMATS}
