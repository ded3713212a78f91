"""What a preset means for a prompt, whatever kind it is of and whatever the model wants."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.models.presets import OpenPreset, PresetKind, Samplers
from chalicelib.prompting.standard import MAIN_PROMPT, standard_preset
from chalicelib.services.shaping import in_full, shape_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
STOPS = {"extensions": {"tavernai_plus": {"stop": ["###", "  "]}}}


def preset(kind: PresetKind = "plain", id: str = "p", **given: Any) -> OpenPreset:
    return OpenPreset(id=id, name="P", kind=kind, created_at=NOW, updated_at=NOW, **given)


def test_a_plain_preset_opened_in_full_has_the_same_shape() -> None:
    samplers = Samplers(temperature=0.7, top_k=20, typical_p=0.9, stop=["###"], context_tokens=8_192)
    plain = preset(samplers=samplers, main_prompt="Be {{char}}.", post_history="Short!")
    before, after = shape_of(plain), shape_of(preset("chat", file=in_full(plain)))
    unnamed = [part.model_copy(update={"name": ""}) for part in after.preset.parts]
    assert after.preset.model_copy(update={"parts": unnamed}) == before.preset
    assert (after.templates, after.stop) == (before.templates, before.stop)


def test_a_file_of_samplers_only_comes_with_the_prompts_of_everybody() -> None:
    shape = shape_of(preset("chat", file={"temperature": 0.3, "openai_max_context": 4_095}))
    plain = preset()
    assert shape.preset.order == standard_preset(plain, plain.samplers).order
    assert (shape.preset.parts[0].text, shape.preset.temperature) == (MAIN_PROMPT, 0.3)


def test_a_chat_preset_serves_a_text_model_with_its_prompts_and_samplers() -> None:
    order = [{"identifier": "main", "enabled": True}, {"identifier": "jailbreak", "enabled": False}]
    file = {
        "prompts": [{"identifier": "main", "content": "Tell."}, {"identifier": "jailbreak", "content": "Short!"}],
        "prompt_order": [{"character_id": 100001, "order": order}],
        "temperature": 0.4,
    }
    templates = shape_of(preset("chat", file=file)).templates
    assert (templates.system.text, templates.system.post_history, templates.samplers.temp) == ("Tell.", "", 0.4)


def test_text_samplers_are_asked_with_beside_the_prompts_of_another_preset() -> None:
    text = preset("text", id="t", file={"temp": 1.3, "rep_pen": 1.1, "xtc_probability": 0.5, "max_length": 2_048})
    templates = shape_of(preset(main_prompt="Tell."), text).templates
    assert (templates.system.text, templates.samplers.temp, templates.samplers.xtc_probability) == ("Tell.", 1.3, 0.5)
    assert templates.context_tokens == 2_048


def test_text_samplers_serve_a_chat_model_with_what_it_knows_of_them() -> None:
    shape = shape_of(preset("text", file={"temp": 1.3, "rep_pen": 1.1, "top_k": 0, "genamt": 123}))
    assert (shape.preset.temperature, shape.preset.top_k, shape.preset.reply_tokens) == (1.3, None, 123)


def test_stop_texts_travel_with_a_preset_and_white_space_is_none() -> None:
    assert shape_of(preset("chat", file=STOPS)).stop == ("###",)


def test_a_preset_is_kept_within_what_the_model_holds() -> None:
    shape = shape_of(preset(samplers=Samplers(context_tokens=100_000))).within(8_000)
    assert (shape.preset.context_tokens, shape.templates.context_tokens) == (8_000, 8_000)
    assert shape.within(None) == shape
