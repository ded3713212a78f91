"""From a connection to the one text its service gets."""

from typing import Any

from chalicelib.models.prompt import Prompt
from tests.support.replies import Stage

CHATML_END = (
    "<|im_end|>\n<|im_start|>assistant\nThe lamp is lit.<|im_end|>\n"
    "<|im_start|>user\nHello?<|im_end|>\n<|im_start|>assistant\n"
)


async def prepared(stage: Stage, **connection: Any) -> Prompt:
    body = {"name": "Text", "kind": "llamacpp", "address": stage.model.address} | connection
    made = stage.person.post("/connections", body)
    assert made.status == 201, made
    generation = stage.started(connection_id=made.json["id"])
    ready = await stage.container.scenes.prepare(stage.record(generation["id"]))
    return ready.prompt


async def test_a_models_name_chooses_how_turns_are_marked(stage: Stage) -> None:
    prompt = await prepared(stage, model="Qwen3-8B")
    assert prompt.flat.startswith("<|im_start|>system\n")
    assert "A lighthouse keeper." in prompt.flat
    assert prompt.flat.endswith(CHATML_END)
    assert prompt.flat_stop == [
        "\nada:",
        "\n<|im_end|>",
        "\n<|im_start|>user",
        "\n<|im_start|>assistant",
        "\n<|im_start|>system",
    ]


async def test_a_choice_of_the_connection_beats_the_name(stage: Stage) -> None:
    prompt = await prepared(stage, model="Qwen3-8B", text_format="plain")
    assert prompt.flat.endswith("\nMira: The lamp is lit.\nada: Hello?\nMira:")
    assert prompt.flat_stop == ["\nada:"]


async def test_a_choice_is_kept_and_can_be_changed(stage: Stage) -> None:
    made = stage.person.post("/connections", {"name": "T", "kind": "koboldcpp", "text_format": "gemma"}).json
    assert made["text_format"] == "gemma"
    changed = stage.person.patch(f"/connections/{made['id']}", {"revision": made["revision"], "text_format": "auto"})
    assert changed.json["text_format"] == "auto"
    odd = stage.person.patch(f"/connections/{made['id']}", {"revision": 2, "text_format": "telepathy"})
    assert odd.status == 422


async def test_a_fallback_that_takes_no_text_gets_the_same_as_messages(stage: Stage) -> None:
    prompt = await prepared(stage, model="Qwen3-8B", fallback_id=stage.connection_id)
    assert prompt.flat.endswith(CHATML_END)
    assert [one.role for one in prompt.messages] == ["system", "assistant", "user"]


async def test_chosen_templates_take_the_place_of_the_presets_and_of_the_names(stage: Stage) -> None:
    def choose() -> None:
        ids = {
            "instruct_id": {
                "name": "I",
                "instruct": {"input_sequence": "[U]", "output_sequence": "[C]", "wrap": False},
            },
            "context_id": {"name": "C", "context": {"story_string": "{{system}} {{description}}|", "chat_start": ""}},
            "system_prompt_id": {"name": "S", "system": {"text": "Be {{char}}."}},
        }
        choices = {name: stage.person.post("/templates", body).json["id"] for name, body in ids.items()}
        assert stage.person.patch("/account", {"choices": choices}).status == 200

    choose()
    prompt = await prepared(stage, model="Qwen3-8B")
    assert prompt.flat == "Be Mira. A lighthouse keeper.|[C]The lamp is lit.[U]Hello?[C]"
    stage.orders()


async def test_a_format_that_the_connection_names_goes_before_a_chosen_template(stage: Stage) -> None:
    made = stage.person.post("/templates", {"name": "I", "instruct": {"input_sequence": "[U]"}}).json
    stage.person.patch("/account", {"choices": {"instruct_id": made["id"]}})
    prompt = await prepared(stage, model="Qwen3-8B", text_format="chatml")
    assert prompt.flat.endswith(CHATML_END)
