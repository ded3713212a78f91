"""A preset of SillyTavern in the page: brought in, put in order by keyboard and by hand, and sent to a model."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.stage import Person, Story, wait_until
from tests.support.model_server import Say, model_server

Window = Callable[..., BrowserContext]
PARTS = [
    {"identifier": "main", "name": "Main", "role": "system", "content": "You are {{char}}.", "system_prompt": True},
    {"identifier": "tone", "name": "Tone of voice", "role": "user", "content": "Softly.", "system_prompt": False},
    {"identifier": "rules", "name": "House rules", "role": "system", "content": "No weather.", "system_prompt": False},
    {"identifier": "charDescription", "name": "x", "marker": True, "system_prompt": True},
    {"identifier": "chatHistory", "name": "x", "marker": True, "system_prompt": True},
]
PRESET = {
    "temperature": 0.65,
    "openai_max_context": 8192,
    "openai_max_tokens": 200,
    "new_chat_prompt": "",
    "reverse_proxy": "https://elsewhere.example",
    "prompts": PARTS,
    "prompt_order": [
        {"character_id": 100001, "order": [{"identifier": part["identifier"], "enabled": True} for part in PARTS]}
    ],
}


def _bring(page: Page, *, beside: bool = False) -> Locator:
    page.goto("/presets")
    page.locator("input[type=file]").set_input_files(
        {"name": "Quiet hours.json", "mimeType": "application/json", "buffer": json.dumps(PRESET).encode()}
    )
    if beside:
        page.get_by_role("dialog").get_by_role("button", name="Add beside it").click()
    order = page.get_by_role("list", name="Order of the prompts")
    expect(order.get_by_role("listitem")).to_have_count(len(PARTS))
    return order


def _titles(order: Locator) -> list[str]:
    return [one.strip() for one in order.locator(".words").all_inner_texts()]


def test_a_preset_is_brought_in_put_in_order_and_sent(ada: Person, window: Window) -> None:
    page = window(ada).new_page()
    order = _bring(page)
    expect(page.get_by_text("What would have set an address or a key was left out.")).to_be_visible()
    # By keyboard: the third prompt comes to the top.
    order.get_by_role("button", name="Move House rules").press("Home")
    expect(page.get_by_text("House rules is now 1 of 5.")).to_be_attached()
    assert _titles(order)[:3] == ["House rules", "Main", "Tone of voice"]
    expect(order.get_by_role("button", name="Move House rules")).to_be_focused()
    # By hand: another one goes below the messages.
    grip = order.get_by_role("button", name="Move Tone of voice").bounding_box()
    last = order.get_by_role("listitem").last.bounding_box()
    assert grip
    assert last
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(grip["x"] + 10, last["y"] + last["height"] - 4, steps=8)
    page.mouse.up()
    expected = ["House rules", "Main", "Description", "Messages of the chat", "Tone of voice"]
    assert _titles(order) == expected
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.get_by_role("button", name="Use", exact=True).click()
    expect(page.get_by_text("in use", exact=True)).to_be_visible()
    wait_until(lambda: ada.ask("GET", "/account")["choices"]["preset_id"] is not None)
    page.reload()
    expect(order.get_by_role("listitem")).to_have_count(len(PARTS))
    assert _titles(order) == expected

    with model_server() as model:
        model.will(Say("Aye."))
        wanted: dict[str, Any] = {"name": "Mine", "kind": "openai_chat", "address": model.address, "model": "m"}
        ada.choose(connection_id=ada.ask("POST", "/connections", wanted)["id"])
        story = Story(page).open(ada.begin())
        story.say("Hello?")
        story.wait_for_reply()
        request = model.requests[0]
    assert [(one["role"], one["content"]) for one in request["messages"]] == [
        ("system", "No weather."),
        ("system", "You are Wren."),
        ("system", "Keeper of a lighthouse."),
        ("assistant", "The lamp is lit."),
        ("user", "Hello?"),
        ("user", "Softly."),
    ]
    assert request["temperature"] == 0.65


def test_an_edited_prompt_is_kept_undone_and_never_lost(ada: Person, window: Window, keep: Any) -> None:
    page = window(ada, color_scheme="light").new_page()
    order = _bring(page)
    keep(page, "preset-light")
    order.get_by_role("button", name="Edit Tone of voice").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Text", exact=True).fill("Very softly.")
    sheet.get_by_label("Position").select_option("In the chat, at a depth")
    sheet.get_by_label("Depth").fill("2")
    sheet.get_by_role("button", name="Another alternative").click()
    keep(page, "preset-sheet-light")
    # Left at once: what was typed is there all the same.
    page.goto("/library")
    page.goto("/presets")
    page.get_by_role("combobox", name="Preset", exact=True).select_option("Quiet hours")
    expect(order.get_by_text("depth 2")).to_be_visible()
    order.get_by_role("button", name="Take House rules out").click()
    expect(order.get_by_role("listitem")).to_have_count(len(PARTS) - 1)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(order.get_by_role("listitem")).to_have_count(len(PARTS))
    preset = next(one for one in ada.ask("GET", "/presets")["items"] if one["name"] == "Quiet hours")

    def stored() -> Any:
        return ada.ask("GET", f"/presets/{preset['id']}")["file"]

    def tone() -> tuple[Any, ...]:
        one = next(one for one in stored()["prompts"] if one["identifier"] == "tone")
        return one["content"], one.get("injection_depth"), one.get("injection_trigger")

    # The page saves by itself, a moment later.
    wait_until(lambda: tone() == ("Very softly.", 2, ["swipe"]))
    assert "reverse_proxy" not in stored()
    # The same on a phone and at night, looked at.
    phone = window(ada, color_scheme="dark", **PHONE).new_page()
    _bring(phone, beside=True)
    keep(phone, "preset-phone-dark")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
