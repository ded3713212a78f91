"""How every page looks: fit for eyes and screen readers, in light, dark, on a phone, with long names, in Chinese."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE, ROOT
from tests.browser.stage import Person, Story

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / "docs" / "pictures"
Keep = Callable[..., Path]
Window = Callable[..., BrowserContext]

FINDINGS = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) =>
    `${id}: ${nodes.map(node => `${node.target} ${node.any.map(one => one.message)}`).join(' | ')}`)"""

# What sticks out of the screen, or out of a list that only scrolls downwards.
STICKS_OUT = """() => {
  const style = (node) => getComputedStyle(node)
  const hides = (node) => node && (style(node).overflowX !== 'visible' || hides(node.parentElement))
  const all = [...document.body.querySelectorAll('*')]
  const wide = all.filter((node) => {
    const { right, left, width } = node.getBoundingClientRect()
    return width > 1 && (right > innerWidth + 1 || left < -1) && !hides(node.parentElement)
  })
  const lists = all.filter((node) =>
    !/^(PRE|INPUT|SELECT|TEXTAREA)$/.test(node.tagName) && node.role !== 'tablist'
    && /auto|scroll/.test(style(node).overflowY)
    && node.scrollHeight > node.clientHeight && node.scrollWidth > node.clientWidth + 1)
  const page = document.scrollingElement.scrollWidth - innerWidth
  const found = [...wide, ...lists].map((node) => node.outerHTML.slice(0, 120))
  return page > 0 ? [`the page by ${page} px`, ...found] : found
}"""

# Pictures in sight have arrived, and nothing waits to be loaded.
SETTLED = """() => !document.querySelector('[aria-label=Loading], .skeleton') && document.fonts.status === 'loaded'
  && [...document.images].every((image) => {
    const { top, bottom, width } = image.getBoundingClientRect()
    return image.complete || width === 0 || bottom < 0 || top > innerHeight
  })"""

TALE = [
    ("Ada", 'I put the key on the table. *It is still warm.* "You said nobody lives in that street."'),
    (
        "Ottoline Vesper",
        "*Ottoline does not touch it. She draws the lamp nearer instead, until its light finds the worn letters on the "
        'bow.*\n\n"Nobody does," she says. "I measured it twice: eleven houses, eleven doors, and behind each of them '
        'the same wall." She looks up. "But a key is a patient thing. It would not be warm if nobody had been waiting '
        'for it."\n\nOutside, the snow has begun again. Somewhere below, a bell counts to thirteen.',
    ),
    ("Ada", '"Then we should not let them wait any longer."'),
    (
        "Ottoline Vesper",
        '"No," she says, and for the first time tonight she smiles. *She rolls up the map and leaves the last street '
        'unrolled, like a tongue.* "Take the lantern. And whatever the third door says to you, do not rhyme with it."',
    ),
]


def tell(ada: Person) -> str:
    """A chat with the first demo character that is worth a picture; its id."""
    lines: list[dict[str, Any]] = [{"user_name": "Ada", "character_name": "Ottoline Vesper", "chat_metadata": {}}]
    for minute, (name, text) in enumerate(TALE):
        date = f"2026-03-01T20:{minute + 10}:00.000Z"
        lines.append({"name": name, "is_user": name == "Ada", "send_date": date, "mes": text})
    data = "\n".join(json.dumps(line) for line in lines).encode()
    chat = ada.send("/chats/import?character_id=welcome-ottoline&filename=The+thirteenth+bell.jsonl", data)
    ada.ask("PATCH", f"/chats/{chat['id']}", {"title": "The thirteenth bell"})
    return str(chat["id"])


def furnish(ada: Person) -> dict[str, str]:
    """A library with something on every page; the paths of the pages."""
    long = ada.add(
        name="Bartholomew-Maximilian-Theophrastus von Hohenzollern-Sigmaringen the Twenty-Seventh",
        description="Averyveryverylongwordwithoutanyspacewhatsoever" * 4,
        first_mes="Pneumonoultramicroscopicsilicovolcanoconiosis" * 5
        + "\n\n```\n"
        + "a wide line of code " * 20
        + "\n```",
        tags=["a tag that is far longer than any tag should ever be, and yet here it is"],
    )
    ada.add(
        name="长安城里最后一位守夜人与他那只不肯睡觉的老猫",
        first_mes="灯还亮着。",
        description="夜色深了，他还在走。" * 20,
    )
    ada.ask("POST", "/personas", {"name": "Captain Bluebell", "description": "A sailor without a ship. " * 10})
    wanted = {"name": "A model of my own", "kind": "openai_chat", "address": ada.model, "model": "paced-" + "n100" * 12}
    ada.ask("POST", "/connections", wanted)
    long_chat = ada.ask("POST", "/chats", {"character_id": long})["id"]
    return {
        "library": "/library",
        "character": "/library/welcome-ottoline",
        "character-long": f"/library/{long}",
        "edit": f"/library/{long}/edit",
        "chats": "/chats",
        "chat": f"/chats/{tell(ada)}",
        "chat-long": f"/chats/{long_chat}",
        "personas": "/personas",
        "connections": "/settings/connections",
        "presets": "/presets",
        "appearance": "/settings/appearance",
        "account": "/settings/account",
        "lost": "/nowhere",
    }


def visit(page: Page, path: str) -> None:
    """Opens a page and waits until it is all there."""
    page.goto(path)
    expect(page.get_by_role("heading").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.wait_for_function(SETTLED)


@pytest.mark.parametrize("look", ["light", "dark", "phone-light"])
def test_no_page_has_a_serious_finding_of_axe_or_sticks_out(look: str, ada: Person, window: Window, keep: Keep) -> None:
    theme: Any = look.removeprefix("phone-")
    options = PHONE if look.startswith("phone") else {}
    context = window(ada, color_scheme=theme, reduced_motion="reduce", **options)
    context.add_init_script(path=AXE)
    page, faults = context.new_page(), []
    for name, path in furnish(ada).items():
        visit(page, path)
        keep(page, f"{name}-{look}")
        faults += [f"{name}: {finding}" for finding in page.evaluate(FINDINGS)]
        faults += [f"{name} sticks out: {what}" for what in page.evaluate(STICKS_OUT)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", ["light", "phone-dark"])
def test_no_window_over_a_page_has_a_serious_finding_of_axe(look: str, ada: Person, window: Window, keep: Keep) -> None:
    theme: Any = look.removeprefix("phone-")
    options = PHONE if look.startswith("phone") else {}
    context = window(ada, color_scheme=theme, reduced_motion="reduce", **options)
    context.add_init_script(path=AXE)
    page, faults = context.new_page(), []

    def look_at(name: str) -> None:
        keep(page, f"{name}-{look}")
        faults.extend(f"{name}: {finding}" for finding in page.evaluate(FINDINGS))
        faults.extend(f"{name} sticks out: {what}" for what in page.evaluate(STICKS_OUT))

    chat = f"/chats/{tell(ada)}"
    visit(page, chat)
    page.get_by_role("button", name="This chat").click()
    expect(page.get_by_label("Author’s note", exact=True)).to_be_visible()
    look_at("drawer")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Author’s note", exact=True)).to_be_hidden()
    story = Story(page)
    story.turns.last.get_by_role("button", name="Edit").click()
    expect(page.get_by_role("textbox", name="Text of this turn")).to_be_visible()
    look_at("editor")
    page.keyboard.press("Escape")
    story.turns.last.get_by_role("button", name="More").click()
    expect(page.get_by_role("menu")).to_be_visible()
    look_at("menu")
    visit(page, "/settings/connections")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at("connection-sheet")
    page.goto("/personas")
    page.get_by_role("button", name="New persona").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at("persona-sheet")
    page.goto("/presets/scripts")
    page.get_by_role("button", name="Write the first one").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_at("script-sheet")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("look", ["light", "dark", "phone-light"])
def test_the_door_has_no_serious_finding_of_axe(look: str, window: Window, keep: Keep) -> None:
    theme: Any = look.removeprefix("phone-")
    options = PHONE if look.startswith("phone") else {}
    context = window(color_scheme=theme, reduced_motion="reduce", **options)
    context.add_init_script(path=AXE)
    page = context.new_page()
    for path in ("/sign-in", "/sign-up", "/reset-password"):
        visit(page, path)
        keep(page, f"door{path}-{look}")
        assert page.evaluate(FINDINGS) == []
        assert page.evaluate(STICKS_OUT) == []


def test_in_chinese_no_page_sticks_out_of_a_phone(newcomer: Callable[..., Person], window: Window, keep: Keep) -> None:
    wen = newcomer("zh-CN")
    character = wen.ask("GET", "/characters")["items"][0]["id"]
    chat = wen.ask("POST", "/chats", {"character_id": character})["id"]
    page = window(wen, locale="zh-CN", **PHONE).new_page()
    places = ["personas", "settings/connections", "presets", "settings/appearance", "settings/account"]
    for path in ["library", f"library/{character}", f"library/{character}/edit", "chats", f"chats/{chat}", *places]:
        visit(page, f"/{path}")
        keep(page, f"{path.replace(character, 'one').replace(chat, 'one')}-zh-phone")
        assert page.evaluate(STICKS_OUT) == []


def test_on_a_phone_the_composer_is_in_sight_and_a_finger_turns_a_reply(ada: Person, window: Window) -> None:
    ada.use_model("ttft20-tps0-n3")
    page = window(ada, **PHONE).new_page()
    story = Story(page).open(ada.begin())
    story.say("Hello?")
    story.wait_for_reply()
    box = story.composer.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 844
    first = story.text()
    swipe(page, story, -180)
    expect(story.count()).to_contain_text("2/2")
    story.wait_for_reply()
    assert story.text() != first
    swipe(page, story, 180)
    expect(story.count()).to_contain_text("1/2")
    expect(story.prose()).to_have_text(first)


def swipe(page: Page, story: Story, by: int) -> None:
    """A finger on the last turn, moved to the side."""
    box = story.prose().bounding_box()
    assert box
    x, y = 195 - by / 2, box["y"] + box["height"] / 2
    hand = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", x), ("touchMove", x + by / 2), ("touchMove", x + by)):
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y}]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    hand.detach()


def test_the_pictures_of_the_readme(
    newcomer: Callable[..., Person], window: Window, request: pytest.FixtureRequest
) -> None:
    ada = newcomer()
    ada.ask("PATCH", "/account", {"name": "Ada"})
    for name, tagline in (("Brother Anselm", "Keeps the bees."), ("Juniper Lane", "Detective."), ("沈知秋", "剑客")):
        ada.add(name=name, creator_notes=tagline, description=tagline, tags=[])
    path = f"/chats/{tell(ada)}"
    shots = {
        "library": (window(ada, color_scheme="light"), "/library"),
        "chat-dark": (window(ada, color_scheme="dark"), path),
        "chat-phone": (window(ada, color_scheme="light", **PHONE), path),
    }
    for name, (context, where) in shots.items():
        page = context.new_page()
        visit(page, where)
        data = page.screenshot()
        folder = PICTURES if request.config.getoption("--pictures", default=False) else ROOT / "test-results"
        folder.mkdir(parents=True, exist_ok=True)
        picture = Image.open(BytesIO(data)).convert("RGB")
        if picture.width < 1000:
            picture.thumbnail((585, 1266))
        picture.save(folder / f"{name}.png", optimize=True)
