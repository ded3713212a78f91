"""A chat preset written as SillyTavern's file reads as itself."""

from datetime import UTC, datetime

from chalicelib.models.completion import ChatPreset, OrderedPart, PromptPart
from chalicelib.models.presets import Preset, Samplers
from chalicelib.presetfiles.chat import read_preset
from chalicelib.presetfiles.chat_writing import write_preset
from chalicelib.prompting.standard import standard_preset

NOW = datetime(2026, 11, 22, tzinfo=UTC)
FULL = ChatPreset(
    parts=[
        PromptPart(id="main", name="Main", text="Be {{char}}.", triggers=["normal"], keeps=True),
        PromptPart(id="chatHistory", name="History", marker=True),
        PromptPart(id="mine", name="Mine", role="assistant", text="Hm.", custom=True, in_chat=True, depth=2, order=7),
    ],
    order=[OrderedPart(id="mine", enabled=False), OrderedPart(id="main"), OrderedPart(id="chatHistory")],
    names="content",
    lore_format="[{0}]",
    scenario_format="S: {{scenario}}",
    personality_format="P: {{personality}}",
    impersonation="Write as {{user}}.",
    new_chat="[new]",
    new_group_chat="[new group]",
    new_example="[example]",
    continue_nudge="[on]",
    group_nudge="[as {{char}}]",
    send_if_empty="Go on.",
    continue_prefill=True,
    continue_joint="\n",
    squash=True,
    web_search=True,
    pictures=False,
    picture_detail="high",
    postprocessing="strict",
    context_tokens=4_096,
    reply_tokens=321,
    temperature=0.75,
    top_p=0.9,
    top_k=40,
    top_a=0.1,
    min_p=0.05,
    frequency_penalty=0.2,
    presence_penalty=-0.1,
    repetition_penalty=1.1,
    seed=7,
    replies=2,
    reasoning_effort="medium",
    verbosity="low",
    prefill="*",
    impersonation_prefill="I",
    system_apart=False,
    bias=[(" suddenly", -50.0), ("[1, 2]", 3.0)],
)


def test_what_is_written_reads_as_the_same_preset() -> None:
    assert read_preset(write_preset(FULL)) == FULL


def test_what_a_preset_leaves_to_the_model_is_not_written() -> None:
    assert {"temperature", "top_k", "reasoning_effort", "bias_presets"}.isdisjoint(write_preset(ChatPreset()))


def test_a_plain_preset_reads_as_itself_but_for_the_names_of_its_parts() -> None:
    plain = Preset(
        id="p",
        name="P",
        samplers=Samplers(temperature=0.5, seed=3, reasoning_effort="minimal"),
        main_prompt="Hello.",
        created_at=NOW,
        updated_at=NOW,
    )
    preset = standard_preset(plain, plain.samplers)
    read = read_preset(write_preset(preset))
    unnamed = [part.model_copy(update={"name": ""}) for part in read.parts]
    assert read.model_copy(update={"parts": unnamed}) == preset
