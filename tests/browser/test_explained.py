"""Why a reply is as it is: its context as a picture, its parts, what was left out, and the request sent once more."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.stage import Person, Story
from tests.browser.test_looks import AXE, FINDINGS, STICKS_OUT

Window = Callable[..., BrowserContext]
Keep = Callable[..., Path]
ENTRIES = [
    {
        "name": "Oil",
        "keys": ["oil", "lamp"],
        "content": "The lamp burns whale oil, a barrel a month.",
        "insertion_order": 1,
    },
    {"name": "Heron", "keys": ["boat", "heron"], "content": "The boat is called Heron.", "insertion_order": 2},
    {"name": "Winter", "keys": ["lamp"], "content": "In winter nobody comes.", "insertion_order": 3, "enabled": False},
    {"name": "Tide", "keys": [], "content": "The tide turns at nine.", "constant": True, "insertion_order": 4},
]
SPOKEN = "The lamp turns once a minute, and each time it comes round you see a little more of the room. " * 4


def furnish(ada: Person, messages: int) -> str:
    """A chat of so many messages with a keeper whose card has a world; its id."""
    book = {"name": "Lamp room", "extensions": {}, "entries": [{"extensions": {}, **one} for one in ENTRIES]}
    data = {
        "name": "Wren",
        "description": "Keeper of a lighthouse. She counts ships and never tells how many.",
        "scenario": "A night of fog, and the horn is broken.",
        "mes_example": "<START>\n{{user}}: Cold?\n{{char}}: Always. That is what the stove is for.",
        "character_book": book,
    }
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    character = ada.ask("POST", "/characters", {"card": card})["id"]
    lines: list[dict[str, Any]] = [{"user_name": "Ada", "character_name": "Wren", "chat_metadata": {}}]
    for number in range(messages):
        name = "Ada" if number % 2 else "Wren"
        lines.append({"name": name, "is_user": name == "Ada", "mes": f"{number}. {SPOKEN}"})
    file = "\n".join(json.dumps(line) for line in lines).encode()
    return str(ada.send(f"/chats/import?character_id={character}&filename=fog.jsonl", file)["id"])


def explain(page: Page, story: Story) -> None:
    story.tool("More")
    page.get_by_role("menuitem", name="Why this reply").click()
    expect(page.get_by_role("dialog", name="Why this reply")).to_be_visible()
    expect(page.get_by_role("table", name="The context by where its parts came from")).to_be_visible()


def test_a_reply_is_explained_and_its_request_sent_once_more(ada: Person, page: Page, keep: Keep) -> None:
    ada.use_model("ttft20-tps100-n10")
    story = Story(page).open(furnish(ada, 5))
    story.say("Is there oil for the lamp? 🕯️")
    story.wait_for_reply()
    explain(page, story)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("row", name=re.compile("^Character"))).to_be_visible()
    dialog.get_by_role("button", name=re.compile("^Oil")).click()
    expect(dialog.get_by_text("The lamp burns whale oil, a barrel a month.", exact=True)).to_be_visible()
    keep(page, "explained-parts")
    dialog.get_by_role("searchbox", name="Search in the prompt").fill("counts ships")
    expect(dialog.get_by_role("button", name=re.compile("^Description"))).to_be_visible()
    expect(dialog.get_by_role("button", name=re.compile("^Oil"))).to_be_hidden()
    dialog.get_by_role("tab", name="Left out").click()
    expect(dialog.get_by_text("None of its keys was said: boat, heron.")).to_be_visible()
    keep(page, "explained-left-out")
    dialog.get_by_role("tab", name="The request").click()
    dialog.get_by_role("button", name="Show the request").click()
    expect(dialog.get_by_label("The request").last).to_contain_text("whale oil")
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save as a file").click()
    request = json.loads(Path(saved.value.path()).read_bytes())
    assert request["messages"][-1]["content"] == "Is there oil for the lamp? 🕯️"
    dialog.get_by_role("button", name="Send once more").click()
    expect(dialog).to_be_hidden()
    expect(story.count()).to_contain_text("2/2")


@pytest.mark.parametrize("look", ["dark", "phone-light"])
def test_a_long_context_is_looked_at_before_it_is_sent(look: str, ada: Person, window: Window, keep: Keep) -> None:
    theme: Any = look.removeprefix("phone-")
    options = PHONE if look.startswith("phone") else {"viewport": {"width": 1440, "height": 900}}
    context = window(ada, color_scheme=theme, reduced_motion="reduce", **options)
    context.add_init_script(path=AXE)
    page, faults = context.new_page(), []

    def look_at(name: str) -> None:
        keep(page, f"{name}-{look}")
        faults.extend(f"{name}: {finding}" for finding in page.evaluate(FINDINGS))
        faults.extend(f"{name} sticks out: {what}" for what in page.evaluate(STICKS_OUT))

    preset = ada.ask("POST", "/presets", {"name": "Long", "samplers": {"context_tokens": 32_768}})
    ada.choose(preset_id=preset["id"])
    story = Story(page).open(furnish(ada, 350))
    story.composer.fill("Is there oil for the lamp?")
    page.get_by_role("button", name="This chat").click()
    expect(page.get_by_role("table", name="The context by where its parts came from")).to_be_visible()
    page.get_by_role("button", name="Look at the prompt").scroll_into_view_if_needed()
    look_at("context-drawer")
    page.get_by_role("button", name="Look at the prompt").click()
    dialog = page.get_by_role("dialog", name="What would be sent")
    expect(dialog.get_by_role("button", name=re.compile("^Main prompt"))).to_be_visible()
    look_at("context-parts")
    # Of hundreds of parts only those in sight are drawn.
    assert 4 < dialog.get_by_role("button", expanded=False).count() < 120
    body = dialog.locator(".dialog-body")
    body.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    expect(dialog.get_by_text("older messages found no room")).to_be_visible()
    dialog.get_by_role("tab", name="Left out").click()
    expect(dialog.get_by_text("Switched off in its world.")).to_be_visible()
    look_at("context-left-out")
    assert not faults, "\n".join(faults)
