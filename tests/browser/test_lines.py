"""What lies between a page and its server: a proxy that lets no socket through, a network that comes and goes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.browser.stage import Person, Story, sequence, wait_until


class Proxy:
    """Stands before the page's sockets. `shut`: None, "cut off" or "left hanging"."""

    def __init__(self, page: Page, shut: str | None) -> None:
        self.shut = shut
        self.sockets = self.streams = 0
        page.route_web_socket(re.compile("/socket"), self._socket)
        page.on("request", lambda request: self._request(request.url))

    def _socket(self, socket: WebSocketRoute) -> None:
        self.sockets += 1
        if self.shut is None:
            socket.connect_to_server()
        elif self.shut == "cut off":
            socket.close()

    def _request(self, url: str) -> None:
        self.streams += url.endswith("/events")


def stored(ada: Person, chat_id: str) -> str:
    return str(ada.messages(chat_id)[-1]["text"])


@pytest.mark.parametrize("how", ["cut off", "left hanging"])
def test_where_no_socket_gets_through_a_reply_streams_and_the_page_comes_back_to_the_socket(
    how: str, ada: Person, page: Page, keep: Callable[..., Path]
) -> None:
    ada.use_model("ttft50-tps20-n700")
    chat_id = ada.begin()
    proxy = Proxy(page, how)
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    seen = len(story.wait_for_text(200))
    assert len(story.wait_for_text(seen + 100)) > seen
    expect(page.get_by_text("No live line gets through here.")).to_be_attached()
    keep(page, f"line slow {how}")
    assert proxy.streams > 1
    proxy.shut = None
    expect(page.get_by_text("No live line gets through here.")).not_to_be_attached(timeout=60_000)
    expect(story.stop).to_be_visible()
    streams = proxy.streams
    seen = len(story.text())
    story.wait_for_text(seen + 200)
    assert proxy.streams <= streams + 1
    story.stop.click()
    story.wait_for_reply()
    assert sequence(story.text()) == list(range(len(sequence(story.text()))))
    assert story.text() == stored(ada, chat_id)


def test_without_a_socket_what_another_page_says_and_edits_is_shown_as_well(
    ada: Person, window: Callable[..., BrowserContext]
) -> None:
    ada.use_model("ttft50-tps40-n20")
    chat_id = ada.begin()
    page = window(ada).new_page()
    Proxy(page, "cut off")
    cut = Story(page).open(chat_id)
    other = Story(window(ada).new_page()).open(chat_id)
    expect(page.get_by_text("No live line gets through here.")).to_be_attached()
    other.say("Tell me of the sea.")
    other.wait_for_reply()
    cut.wait_for_reply()
    assert cut.text() == other.text() == stored(ada, chat_id)
    other.tool("Edit", 1)
    editor = other.page.get_by_role("textbox", name="Text of this turn")
    editor.fill("Tell me of the shore.")
    editor.press("Control+Enter")
    expect(cut.prose(1)).to_have_text("Tell me of the shore.")


def test_a_stop_without_a_socket_goes_by_rest(ada: Person, page: Page) -> None:
    ada.use_model("ttft50-tps20-n400")
    chat_id = ada.begin()
    Proxy(page, "cut off")
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    story.wait_for_text(100)
    story.stop.click()
    story.wait_for_reply()
    text = story.text()
    assert sequence(text) == list(range(len(sequence(text))))
    assert 3 < len(sequence(text)) < 400
    wait_until(lambda: stored(ada, chat_id) == text)
