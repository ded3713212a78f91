"""Templates and presets of text completion, read from SillyTavern's files and given back as they were."""

from typing import Any

import pytest

from chalicelib.models.templates import ContextTemplate, Instruct, TextSamplers
from chalicelib.presetfiles.text import (
    read_any,
    read_context,
    read_instruct,
    read_reasoning,
    read_samplers,
    read_system,
    read_templates,
    sizes_of,
    write_context,
    write_instruct,
    write_reasoning,
    write_samplers,
    write_system,
)

INSTRUCT = {
    "name": "Mine",
    "input_sequence": "<in>",
    "output_sequence": "<out>",
    "names_behavior": "always",
    "user_alignment_message": "Go.",
    "activation_regex": "tiny",
    "sequences_as_stop_strings": False,
    "wrap": False,
    "from_the_future": {"kept": True},
}
CONTEXT = {
    "name": "Mine",
    "story_string": "{{system}}",
    "story_string_position": 1,
    "story_string_depth": "3",
    "story_string_role": 2,
    "always_force_name2": False,
    "use_stop_strings": True,
    "chat_start": "***",
    "odd": [1],
}
SAMPLERS = {
    "temp": 0.7,
    "rep_pen": "1.1",
    "top_k": 40,
    "banned_tokens": "shivers\n\nspine",
    "dry_sequence_breakers": '"\\n", ":"',
    "logit_bias": [{"id": "x", "text": "storm", "value": 2}, {"odd": 1}],
    "sampler_order": [6, 0],
    "sampler_priority": ["dry", "top_k"],
    "seed": 7,
}


def test_an_instruct_template_is_read_under_our_names() -> None:
    found = read_instruct(INSTRUCT)
    assert (found.names, found.user_alignment, found.activation) == ("always", "Go.", "tiny")
    assert (found.sequences_as_stops, found.wrap, found.macro) == (False, False, True)


def test_older_instruct_templates_are_understood() -> None:
    assert read_instruct({"names": True}).names == "always"
    assert read_instruct({"names": False, "names_force_groups": False}).names == "none"
    assert read_instruct({"names": False}).names == "force"
    old = read_instruct({"separator_sequence": "</s>", "system_sequence_prefix": "<s>"})
    assert (old.output_suffix, old.story_string_prefix) == ("</s>", "<s>")


def test_a_context_template_may_stand_in_the_chat() -> None:
    found = read_context(CONTEXT)
    assert (found.place, found.depth, found.role, found.force_name) == ("in_chat", 3, "assistant", False)


def test_samplers_are_read_with_their_lists() -> None:
    found = read_samplers(SAMPLERS)
    assert (found.temp, found.rep_pen, found.top_k, found.seed) == (0.7, 1.1, 40, 7)
    assert found.banned == ["shivers", "spine"]
    assert found.dry_breakers == ["\n", ":"]
    assert found.bias == [("storm", 2.0)]
    assert found.order == [6, 0]


@pytest.mark.parametrize(
    ("read", "write", "file"),
    [
        (read_instruct, write_instruct, INSTRUCT),
        (read_instruct, write_instruct, {"names": True, "input_sequence": 5, "wrap": "yes"}),
        (read_context, write_context, CONTEXT),
        (read_system, write_system, {"name": "S", "content": "Play.", "post_history": "", "more": None}),
        (read_reasoning, write_reasoning, {"name": "R", "prefix": "<t>", "suffix": "</t>", "separator": "\n"}),
        (read_samplers, write_samplers, SAMPLERS),
    ],
)
def test_what_was_not_changed_is_written_back_as_it_was(read: Any, write: Any, file: dict[str, Any]) -> None:
    assert write(read(file)) == file


def test_only_what_was_changed_is_written_anew() -> None:
    changed = read_samplers(SAMPLERS).model_copy(update={"temp": 1.0, "banned": ["spine"], "dry_breakers": ["*"]})
    assert write_samplers(changed) == SAMPLERS | {
        "temp": 1.0,
        "banned_tokens": "spine",
        "dry_sequence_breakers": '["*"]',
    }
    place = read_context(CONTEXT).model_copy(update={"place": "in_prompt", "role": "user"})
    assert write_context(place) == CONTEXT | {"story_string_position": 0, "story_string_role": 1}


def test_what_was_made_here_is_written_in_full_and_reads_the_same() -> None:
    made = Instruct(name="New", input_sequence="<in>", names="none")
    file = write_instruct(made)
    assert file["names_behavior"] == "none"
    assert read_instruct(file).model_dump(exclude={"original"}) == made.model_dump(exclude={"original"})
    context = ContextTemplate(name="New", story_string="{{system}}", role="user")
    assert read_context(write_context(context)).role == "user"
    assert write_samplers(TextSamplers(temp=1.0))["temp"] == 1.0
    assert "top_k" not in write_samplers(TextSamplers(temp=1.0))


@pytest.mark.parametrize(
    ("file", "kinds"),
    [
        (INSTRUCT, {"instruct"}),
        (CONTEXT, {"context"}),
        ({"name": "S", "content": "Play."}, {"system"}),
        ({"name": "R", "prefix": "<t>", "suffix": "</t>", "separator": ""}, {"reasoning"}),
        (SAMPLERS, {"samplers"}),
        ({"instruct": INSTRUCT, "context": CONTEXT, "sysprompt": {"content": "x"}}, {"instruct", "context", "system"}),
        ({"preset": SAMPLERS, "reasoning": {"prefix": "<t>"}}, {"samplers", "reasoning"}),
        ({"entries": {}}, set()),
        ({"prompts": [], "content": ""}, set()),
    ],
)
def test_a_file_tells_by_its_keys_what_it_holds(file: dict[str, Any], kinds: set[str]) -> None:
    assert {name for name, value in read_any(file)._asdict().items() if value is not None} == kinds


def test_what_is_in_use_is_read_from_the_settings() -> None:
    settings = {
        "max_context": 300,
        "amount_gen": 100,
        "power_user": {
            "instruct": {"enabled": True, **INSTRUCT},
            "context": CONTEXT,
            "sysprompt": {"enabled": False, "content": "Play."},
            "always_force_name2": True,
            "single_line": True,
        },
        "textgenerationwebui_settings": SAMPLERS,
    }
    found = read_templates(settings=settings)
    assert found.instruct.enabled
    assert not found.system.enabled
    assert (found.context.force_name, found.context.single_line) == (True, True)
    assert (found.context_tokens, found.reply_tokens) == (512, 100)
    assert (found.samplers.temp, found.samplers.freq_pen) == (0.7, 0)


def test_odd_settings_have_our_defaults() -> None:
    found = read_templates(settings={"power_user": [], "max_context": "many", "amount_gen": None})
    assert not found.instruct.enabled
    assert found.reply_tokens == 300
    assert sizes_of({"max_length": 8000, "genamt": 250}) == (8000, 250)
    assert sizes_of({"max_length": "x"}) == (None, None)
