"""Moving in from another program: a folder is chosen, looked at, sent, taken in and told."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.stage import Person, wait_until
from tests.support.moving import card, chat, data_folder, picture

LOOK = {
    "name": "Maren",
    "mes": "There it is.",
    "extra": {
        "media": [
            {"url": "/user/images/Maren/the quay.png", "type": "image"},
            {"url": "/user/images/Maren/the walk along the quay at dusk.mp4", "type": "video"},
        ],
        "files": [{"url": "/user/files/map.html", "name": "map.html", "size": 20}],
    },
}


def chosen(page: Page, tmp_path: Path, files: Mapping[str, bytes]) -> Page:
    """The page of moving, with a data folder of these files chosen in it."""
    for path, data in files.items():
        place = tmp_path / "default-user" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    page.goto("/settings/moving")
    page.locator("input[webkitdirectory]").set_input_files(tmp_path / "default-user")
    return page


def test_a_picture_in_a_chat_comes_along_and_is_shown(
    newcomer: Callable[..., Person],
    window: Callable[..., BrowserContext],
    keep: Callable[..., Path],
    tmp_path: Path,
) -> None:
    ada = newcomer()
    head = {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}
    files = {
        "characters/Maren.png": card("Maren"),
        "chats/Maren/look.jsonl": f"{json.dumps(head)}\n{json.dumps(LOOK)}".encode(),
        "user/images/Maren/the quay.png": picture("goldenrod", (600, 400)),
        "user/images/Maren/the walk along the quay at dusk.mp4": bytes(40_000),
        "user/files/map.html": b"<script>alert(1)</script>",
    }
    page = chosen(window(ada).new_page(), tmp_path, files)
    expect(page.get_by_role("switch", name="Pictures in chats · 3")).to_be_checked()
    page.get_by_role("button", name="Move in").click()
    expect(page.get_by_text("Done ·")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Show report").click()
    page.get_by_role("link", name="Maren/look").click()
    shown = page.get_by_role("button", name="Picture 1 of 1: show in full")
    expect(shown).to_be_visible()
    # It is really there: a picture without its file has no size of its own.
    expect(shown.locator("img")).to_have_js_property("naturalWidth", 600)
    keep(page, "moving-picture")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save map.html").click()
    # It is saved as it came; no page ever opens it.
    assert saved.value.path().read_bytes() == files["user/files/map.html"]
    shown.click()
    expect(page.get_by_role("dialog", name="Picture").locator("img")).to_be_visible()


def test_a_data_folder_is_looked_at_taken_in_and_told(
    newcomer: Callable[..., Person],
    window: Callable[..., BrowserContext],
    keep: Callable[..., Path],
    tmp_path: Path,
) -> None:
    ada = newcomer()
    page = chosen(window(ada).new_page(), tmp_path, data_folder())
    expect(page.get_by_role("switch", name="Characters · 2")).to_be_checked()
    expect(page.get_by_role("switch", name="Keys · 1")).not_to_be_checked()
    page.get_by_role("switch", name="Themes · 1").click()
    keep(page, "moving-choice", full_page=True)
    page.get_by_role("button", name="Move in").click()
    move = page.get_by_role("listitem").filter(has_text="default-user").first
    expect(move).to_contain_text("Done", timeout=60_000)
    move.get_by_role("button", name="Show report").click()
    report = move.get_by_role("region", name="Report")
    report.get_by_role("button", name="Changed").click()
    expect(report).to_contain_text("Addresses, proxies and headers of connections were left out")
    keep(page, "moving-report", full_page=True)

    # The same once more, with a chat that went on: nothing comes twice, and what differs is asked about.
    (tmp_path / "default-user/chats/Maren/first.jsonl").write_bytes(chat("Hello", "Good morning.", "On.", "Yes."))
    page.locator("input[webkitdirectory]").set_input_files(tmp_path / "default-user")
    page.get_by_role("button", name="Move in").click()
    expect(page.get_by_text("Done ·")).to_have_count(2, timeout=60_000)
    page.get_by_role("button", name="Show report").first.click()
    page.get_by_role("button", name="Take anyway").first.click()
    wait_until(lambda: len(ada.ask("GET", "/chats")["items"]) == 5)
    expect(page.get_by_text("Done ·")).to_have_count(2, timeout=60_000)

    ada.choose(locale="zh-CN", theme="dark")
    phone = window(ada, viewport={"width": 390, "height": 844}, color_scheme="dark").new_page()
    phone.goto("/settings/moving")
    expect(phone.get_by_role("heading", name="迁入", exact=True)).to_be_visible()
    phone.get_by_role("button", name="查看报告").first.click()
    keep(phone, "moving-phone-dark", full_page=True)
