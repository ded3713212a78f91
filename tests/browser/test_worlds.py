"""Worlds: a file of ten thousand entries dropped in, searched, changed by the hundred, edited, tried out."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.stage import Person
from tests.browser.test_library_and_settings import drop

CHANCE = {"useProbability": True, "probability": 0}
MANY = 10_000


def large_world() -> bytes:
    """Every hundredth entry is a tower; the last one says a word that stands beyond what a light list shows."""
    entries: dict[str, Any] = {}
    for uid in range(MANY):
        name = f"{'Tower' if uid % 100 == 0 else 'House'} {uid}"
        entries[str(uid)] = {
            "uid": uid,
            "key": [name.lower()],
            "comment": name,
            "content": f"{name} stands by the sea.",
        }
    entries[str(MANY - 1)]["content"] = "A house like many others. " * 20 + "Under it sleeps a basilisk."
    return json.dumps({"entries": entries}, separators=(",", ":")).encode()


def grid(page: Page) -> Locator:
    return page.get_by_role("grid", name="Entries of this world")


def title(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Title", exact=True)


def test_ten_thousand_entries_are_dropped_in_searched_and_changed(ada: Person, page: Page) -> None:
    page.goto("/worlds")
    expect(page.get_by_role("heading", name="No worlds yet")).to_be_visible()
    drop(page, {"Great City.json": large_world()})
    page.get_by_role("region", name="Imported worlds").get_by_role("link", name="Great City.json").click(timeout=60_000)
    expect(page.get_by_text("10,000 entries", exact=True)).to_be_visible(timeout=60_000)
    # Of ten thousand rows some dozens are drawn.
    assert grid(page).get_by_role("row").count() < 60

    search = page.get_by_role("textbox", name="Search titles, keys and contents")
    search.fill("basilisk")
    expect(grid(page).get_by_role("row")).to_have_count(1, timeout=60_000)
    search.fill("tower")
    expect(page.get_by_text("100 of 10,000 entries")).to_be_visible()
    search.press("ArrowDown")
    page.keyboard.press("Control+a")
    bar = page.get_by_role("toolbar", name="The chosen entries")
    expect(bar).to_contain_text("100 chosen")
    bar.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("100 entries changed")).to_be_visible()
    bar.get_by_role("button", name="End the choice").click()
    grid(page).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_value("Tower 0")
    title(page).fill("The first tower")
    page.get_by_role("textbox", name="Keys", exact=True).fill("/first{1,3}/i,")
    page.keyboard.press("Enter")
    pane = page.get_by_role("region", name="Entry", exact=True)
    expect(pane.get_by_role("status")).to_contain_text("Saved")
    expect(pane.get_by_role("button", name="Edit the key /first{1,3}/i")).to_be_visible()

    page.reload()
    expect(title(page)).to_have_value("The first tower", timeout=60_000)
    [world] = ada.ask("GET", "/worlds")["items"]
    first = ada.ask("GET", f"/worlds/{world['id']}/entries/0")["entry"]
    assert (first["comment"], first["key"], first["disable"]) == ("The first tower", ["tower 0", "/first{1,3}/i"], True)
    assert ada.ask("GET", f"/worlds/{world['id']}/entries/900")["entry"]["disable"] is True
    assert ada.ask("GET", f"/worlds/{world['id']}/entries/901")["entry"].get("disable", False) is False


def test_a_world_is_arranged_by_the_keys_taken_back_and_tried_out(ada: Person, page: Page) -> None:
    entries = {
        "0": {"uid": 0, "key": ["lamp"], "comment": "Lamp", "content": "The lamp burns oil."},
        "1": {"uid": 1, "key": ["sea"], "comment": "Sea", "content": "The sea is cold.", **CHANCE},
        "2": {"uid": 2, "constant": True, "comment": "Night", "content": "It is always night here."},
    }
    ada.send("/worlds/import?filename=Coast.json", json.dumps({"entries": entries}).encode())
    page.goto("/worlds")
    page.get_by_role("link", name="Coast").click()
    rows = grid(page).get_by_role("row")
    expect(rows).to_contain_text([re.compile("Lamp"), re.compile("Sea"), re.compile("Night")])
    grid(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("Alt+ArrowUp")
    expect(rows).to_contain_text([re.compile("Lamp"), re.compile("Night"), re.compile("Sea")])
    page.keyboard.press("Delete")
    expect(rows).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(rows).to_contain_text([re.compile("Lamp"), re.compile("Night"), re.compile("Sea")])
    grid(page).press("Home")
    page.keyboard.press("F2")
    expect(title(page)).to_be_focused()
    expect(title(page)).to_have_value("Lamp")
    page.keyboard.press("Escape")
    expect(grid(page)).to_be_focused()

    page.get_by_role("button", name="Test this world").click()
    sheet = page.get_by_role("dialog", name="Test this world")
    sheet.get_by_role("textbox", name="Text").fill("The lamp shows the sea.")
    sheet.get_by_role("button", name="Test", exact=True).click()
    expect(sheet.get_by_text("2 entries come in")).to_be_visible()
    expect(sheet.get_by_role("listitem").filter(has_text="Lamp")).to_contain_text("Key: lamp")
    expect(sheet.get_by_role("listitem").filter(has_text="Sea")).to_contain_text("The dice were against it (0 %)")
    sheet.get_by_role("button", name="Lamp").click()
    expect(title(page)).to_have_value("Lamp")


def test_on_a_phone_everything_can_be_done_with_the_chosen_entries(
    newcomer: Callable[..., Person], window: Callable[..., BrowserContext]
) -> None:
    wen = newcomer("zh-CN")
    entries = {str(uid): {"uid": uid, "key": ["灯塔"], "comment": f"守灯人 {uid}"} for uid in range(3)}
    world = wen.send("/worlds/import?filename=Coast.json", json.dumps({"entries": entries}).encode())["world"]
    page = window(wen, **PHONE, locale="zh-CN").new_page()
    page.goto(f"/worlds/{world['id']}")
    page.get_by_role("button", name="选择：守灯人 1").click()
    bar = page.get_by_role("toolbar")
    expect(bar).to_contain_text("已选 1 个")
    for button in bar.get_by_role("button").all():
        expect(button).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bar.get_by_role("button", name="移除").click()
    expect(page.get_by_role("grid").get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("grid").get_by_role("row")).to_have_count(3)


def test_an_entry_changed_in_two_places_shows_both_and_neither_is_lost(ada: Person, page: Page) -> None:
    entries = {"0": {"uid": 0, "key": ["lamp"], "comment": "Lamp", "content": "The lamp burns oil."}}
    world = ada.send("/worlds/import?filename=Coast.json", json.dumps({"entries": entries}).encode())["world"]
    page.goto(f"/worlds/{world['id']}?entry=0")
    content = page.get_by_role("textbox", name="Content", exact=True)
    expect(content).to_have_value("The lamp burns oil.")
    entry = f"/worlds/{world['id']}/entries/0"
    ada.ask("PATCH", entry, {"revision": 1, "entry": {"content": "The lamp is electric.", "order": 7}})
    content.fill("The lamp is out.")
    conflict = page.get_by_role("alert", name="Two versions of this entry")
    expect(conflict).to_contain_text("The lamp is electric.")
    expect(content).to_be_focused()
    conflict.get_by_role("button", name="Take the other").click()
    expect(content).to_have_value("The lamp is electric.")
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(content).to_have_value("The lamp is out.")
    expect(page.get_by_role("region", name="Entry", exact=True).get_by_role("status")).to_contain_text("Saved")
    kept = ada.ask("GET", entry)["entry"]
    assert (kept["content"], kept["order"]) == ("The lamp is out.", 7)
