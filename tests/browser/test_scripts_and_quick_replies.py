"""What came with a card asks before it runs, and buttons above the composer send what they say."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.stage import Person, wait_until

STARS = {
    "id": "s",
    "scriptName": "Stars",
    "findRegex": "/lantern/g",
    "replaceString": "STAR",
    "trimStrings": [],
    "placement": [2],
    "markdownOnly": True,
    "promptOnly": False,
    "substituteRegex": 0,
    "minDepth": None,
    "maxDepth": None,
}
CARD = {"name": "Nell", "first_mes": "A lantern hangs here.", "extensions": {"regex_scripts": [STARS]}}


def test_scripts_of_a_card_are_shown_and_run_once_one_says_so(ada: Person, page: Page) -> None:
    character = ada.ask("POST", "/characters", {"card": CARD})
    chat = ada.ask("POST", "/chats", {"character_id": character["id"]})
    page.goto(f"/chats/{chat['id']}")
    story = page.get_by_role("log", name="Story")
    expect(story.get_by_text("A lantern hangs here.")).to_be_visible()
    page.get_by_role("button", name="Look at them").click()
    expect(page.get_by_text("/lantern/g")).to_be_visible()
    page.get_by_role("button", name="Let them run").click()
    expect(story.get_by_text("A STAR hangs here.")).to_be_visible()
    expect(page.get_by_role("button", name="Look at them")).to_be_hidden()
    # Read, tried, changed and taken back later, where the scripts are.
    page.goto(f"/presets/scripts?character={character['id']}")
    inside = page.get_by_role("region", name="In the card of Nell")
    inside.get_by_role("button", name="Stars", exact=False).first.click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("A text").fill("a lantern")
    expect(sheet.get_by_text("a STAR", exact=True)).to_be_visible()
    sheet.get_by_label("Put there").fill("MOON")
    expect(sheet.get_by_text("Saved", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.goto(f"/chats/{chat['id']}")
    expect(story.get_by_text("A MOON hangs here.")).to_be_visible()
    page.goto(f"/presets/scripts?character={character['id']}")
    inside.get_by_role("switch", name="They may run").click()
    expect(inside.get_by_role("switch", name="They may run")).to_have_attribute("aria-checked", "false")
    wait_until(lambda: ada.ask("GET", f"/scripts/characters/{character['id']}")["allowed"] is False)


def test_scripts_are_put_in_order_by_keys_and_by_a_finger(ada: Person, window: Callable[..., BrowserContext]) -> None:
    for name in ("One", "Two", "Three"):
        ada.ask("POST", "/scripts", {"name": name, "find": name})
    page = window(ada, **PHONE).new_page()
    page.goto("/presets/scripts")
    order = page.get_by_role("list", name="Scripts", exact=True)
    grip = order.get_by_role("button", name="Move Three")
    grip.press("Home")
    expect(order.locator("strong")).to_have_text(["Three", "One", "Two"])
    expect(grip).to_be_focused()
    box, last = grip.bounding_box(), order.get_by_role("listitem").last.bounding_box()
    assert box
    assert last
    hand = page.context.new_cdp_session(page)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    below = last["y"] + last["height"] - 4
    for kind, at in (("touchStart", y), ("touchMove", (y + below) / 2), ("touchMove", below)):
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": at}]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(order.locator("strong")).to_have_text(["One", "Two", "Three"])
    names = lambda: [one["name"] for one in ada.ask("GET", "/scripts")["items"]]  # noqa: E731
    wait_until(lambda: names() == ["One", "Two", "Three"])


def test_a_set_from_a_file_asks_once_and_commands_are_only_inserted(ada: Person, page: Page) -> None:
    replies = [{"id": 1, "label": "Nod", "message": "I nod."}, {"id": 2, "label": "Roll", "message": "/roll 2d6"}]
    file = {"version": 2, "name": "Ways", "qrList": replies}
    ada.ask("POST", "/quick-replies/import", {"file": file})
    character = ada.ask("POST", "/characters", {"card": CARD})
    chat = ada.ask("POST", "/chats", {"character_id": character["id"]})
    page.goto(f"/chats/{chat['id']}")
    page.get_by_role("button", name="Roll").click()
    page.get_by_role("button", name="Let them run").click()
    expect(page.get_by_role("textbox", name="What you say or do")).to_have_value("/roll 2d6")
    page.get_by_role("button", name="Nod").click()
    expect(page.get_by_text("I nod.", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="What you say or do")).to_have_value("/roll 2d6")
