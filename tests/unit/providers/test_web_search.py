"""Search of the web: asked for where the service searches by itself, and nowhere else."""

import pytest

from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.providers import anthropic, gemini


def prompt(*, web_search: bool) -> Prompt:
    said = [PromptMessage(role="user", content="What is new?")]
    return Prompt(messages=said, samplers=Samplers(), model="m", web_search=web_search)


@pytest.mark.parametrize(
    ("request_of", "tools"),
    [
        (anthropic._request, [{"type": "web_search_20250305", "name": "web_search"}]),
        (gemini._request, [{"google_search": {}}]),
    ],
)
def test_services_that_search_are_told_that_they_may(request_of, tools) -> None:  # type: ignore[no-untyped-def]
    assert request_of(prompt(web_search=True))["tools"] == tools
    assert "tools" not in request_of(prompt(web_search=False))
