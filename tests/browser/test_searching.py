"""Finding again what was said: over the list of chats, and from anywhere with Ctrl+K; it leads to where it stands."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.stage import Person

LINES = [
    "The amber falcon circled twice over the moor, and then, as if it had read the map, came down on the third stone.",
    "青铜门后面睡着一条龙，没有人敢大声说话。",
    '"A falcon," said Wren, "does not care for maps. *She held out her glove.* It cares for the wrist that feeds it."',
]


def told(ada: Person, count: int = 160) -> str:
    """A long chat: what is looked for stands far up. Its id."""
    texts = [f"Evening {number}: the lamp was lit, and nothing came of it." for number in range(count)]
    texts[3:6] = LINES
    head = {"user_name": "unused", "character_name": "unused", "chat_metadata": {}}
    said = [
        {
            "name": "Wren" if n % 2 else "Ada",
            "is_user": n % 2 == 0,
            "mes": text,
            "send_date": "2026-03-01T10:00:00.000Z",
        }
        for n, text in enumerate(texts)
    ]
    data = "\n".join(json.dumps(line, ensure_ascii=False) for line in (head, *said)).encode()
    chat_id = str(ada.send(f"/chats/import?character_id={ada.add()}", data)["id"])
    ada.ask("PATCH", f"/chats/{chat_id}", {"title": "Letters from the lighthouse"})
    return chat_id


@pytest.mark.timeout(240)
def test_what_was_said_is_found_and_leads_to_where_it_stands(
    newcomer: Callable[..., Person], window: Callable[..., BrowserContext], keep: Callable[..., object]
) -> None:
    ada = newcomer()
    chat_id = told(ada)
    page: Page = window(ada).new_page()
    page.goto("/chats")
    field = page.locator(".search input")
    field.fill("falcon")
    found = page.locator(".found").get_by_role("link")
    expect(found).to_have_count(2)
    keep(page, "search-light")
    field.fill("一条龙")
    expect(found).to_have_count(1)
    field.fill("nobody said this")
    expect(page.get_by_text("Nothing was said about that")).to_be_visible()
    keep(page, "search-nothing")
    field.fill('"third stone"')
    found.first.click()
    expect(page).to_have_url(re.compile(f"{chat_id}.*message="))
    turn = page.locator("article").filter(has_text="amber falcon")
    expect(turn).to_be_in_viewport()
    expect(turn).to_have_class(re.compile("found"))
    keep(page, "search-arrived")
    page.keyboard.press("Control+k")
    page.locator(".palette input").fill("lighthouse")
    expect(page.locator(".palette [role=option]").filter(has_text="Letters from the lighthouse").first).to_be_visible()
    page.locator(".palette input").fill("falcon")
    said = page.locator(".palette [role=option]").filter(has_text="amber falcon")
    expect(said).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".palette [role=option]")).to_have_count(2)
    page.emulate_media(color_scheme="dark")
    keep(page, "search-palette-dark")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".palette")).to_be_hidden()
    phone = window(ada, **PHONE, color_scheme="dark", locale="zh-CN").new_page()
    ada.choose(locale="zh-CN")
    phone.goto("/chats")
    phone.locator(".search input").fill("falcon")
    expect(phone.locator(".found").get_by_role("link")).to_have_count(2)
    keep(phone, "search-phone-dark-zh")
