"""Which models are shown pictures."""

from typing import Literal

import pytest

from chalicelib.models.connections import ProviderKind
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt, PromptMessage, PromptPicture
from chalicelib.providers.provider import Access
from chalicelib.providers.seeing import seen_by, sees


def access(model: str, kind: str = "openai_chat", sight: Literal["auto", "yes", "no"] = "auto") -> Access:
    return Access(
        owner_id="a",
        connection_id="c",
        connection_name="C",
        kind=ProviderKind(kind),
        address="",
        model=model,
        sees=sight,
    )


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o-mini",
        "openai/gpt-5",
        "gpt-4.1",
        "o3",
        "claude-3-5-haiku-20241022",
        "claude-opus-4-6",
        "models/gemini-2.0-flash",
        "Qwen2.5-VL-7B-Instruct",
        "qwen/qwen3-vl-8b",
        "llava-1.6",
        "mistralai/pixtral-12b",
        "gemma-3-27b-it",
        "amazon.nova-lite-v1:0",
    ],
)
def test_models_that_see_are_known_by_their_names(model: str) -> None:
    assert sees(access(model))


@pytest.mark.parametrize(
    "model", ["", "gpt-3.5-turbo", "gpt-4", "o3-mini", "o1-preview", "claude-2.1", "Mistral-7B", "deepseek-chat"]
)
def test_others_are_taken_to_be_blind(model: str) -> None:
    assert not sees(access(model))


def test_a_connection_knows_better_than_a_name() -> None:
    assert sees(access("my-model", sight="yes"))
    assert not sees(access("gpt-4o", sight="no"))


def test_services_whose_requests_have_no_place_for_pictures_get_none() -> None:
    assert not sees(access("llava", "koboldcpp", "yes"))


def test_a_blind_model_gets_the_words_alone() -> None:
    picture = PromptPicture(place="a", media_type="image/png", width=1, height=1, bytes=1)
    messages = [
        PromptMessage(role="user", content="", pictures=[picture]),
        PromptMessage(role="user", content="Look.", pictures=[picture]),
    ]
    prompt = Prompt(messages=messages, samplers=Samplers(), model="m")
    assert seen_by(prompt, access("gpt-4o")) is prompt
    assert seen_by(prompt, access("gpt-3.5-turbo")).messages == [PromptMessage(role="user", content="Look.")]
