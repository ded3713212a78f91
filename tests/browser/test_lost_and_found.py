"""Whatever ends in the middle of a reply (its reader, its worker, the network), its text is kept, whole and once."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from devcloud.supervisor import Cloud
from tests.browser.stage import Person, Story, sequence, wait_until

SLOW = "ttft50-tps25-n100"

# Whether a text is written down on this device.
KEPT = """async (text) => {
  const kept = async (name) => {
    const database = await new Promise((done) => { indexedDB.open(name).onsuccess = (is) => done(is.target.result) })
    const all = database.transaction('drafts').objectStore('drafts').getAll()
    const drafts = await new Promise((done) => { all.onsuccess = () => done(all.result) })
    database.close()
    return JSON.stringify(drafts).includes(text)
  }
  for (;;) {
    for (const { name } of await indexedDB.databases()) if (await kept(name)) return
    await new Promise((done) => setTimeout(done, 50))
  }
}"""
"""Waits until a draft is written down. (Playwright's wait_for_function takes a promise for a yes.)"""


def done(ada: Person, chat_id: str) -> str:
    """The stored text of the chat's reply, once it has come to its end."""

    def ended() -> bool:
        return bool((last := ada.messages(chat_id)[-1])["reply"] and last["reply"]["finished_at"])

    wait_until(ended)
    return str(ada.messages(chat_id)[-1]["text"])


def test_a_reply_stopped_in_the_middle_is_the_stored_message_after_a_reload(ada: Person, page: Page) -> None:
    ada.use_model(SLOW)
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    story.wait_for_text(100)
    story.stop.click()
    story.wait_for_reply()
    text = story.text()
    assert 3 < len(sequence(text)) < 100
    assert sequence(text) == list(range(len(sequence(text))))
    page.reload()
    expect(story.prose()).to_have_text(text)
    last = ada.messages(chat_id)[-1]
    assert last["text"] == text
    assert last["reply"]["finish_reason"] == "stopped"


def test_a_tab_closed_in_the_middle_shows_the_whole_reply_when_it_is_opened_again(
    ada: Person, window: Callable[..., BrowserContext]
) -> None:
    ada.use_model(SLOW)
    chat_id = ada.begin()
    first = window(ada)
    story = Story(first.new_page()).open(chat_id)
    story.say("Tell me of the sea.")
    story.wait_for_text(100)
    story.page.close()
    story = Story(first.new_page()).open(chat_id)
    story.wait_for_text(300)
    story.wait_for_reply()
    assert sequence(story.text()) == list(range(100))
    assert story.text() == done(ada, chat_id)


def test_a_page_loaded_five_times_in_the_middle_of_a_reply_loses_and_repeats_nothing(ada: Person, page: Page) -> None:
    ada.use_model("ttft50-tps20-n320")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    for _ in range(5):
        seen = len(story.wait_for_text(60))
        page.reload()
        assert len(story.wait_for_text(seen)) >= seen
    expect(story.stop).to_be_visible()
    story.wait_for_reply()
    assert sequence(story.text()) == list(range(320))
    assert story.text() == done(ada, chat_id)


def test_a_network_that_goes_away_in_the_middle_brings_the_rest_when_it_is_back(ada: Person, page: Page) -> None:
    ada.use_model(SLOW)
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    story.wait_for_text(60)
    page.context.set_offline(True)
    stored = done(ada, chat_id)
    page.context.set_offline(False)
    story.wait_for_reply()
    assert sequence(stored) == list(range(100))
    assert story.text() == stored


def test_a_killed_workers_reply_keeps_its_text_and_goes_on_by_one_click(cloud: Cloud, ada: Person, page: Page) -> None:
    ada.use_model("ttft50-tps20-n400")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    story.wait_for_text(100)
    dead = cloud.kill("worker-1")
    cloud.wait_until_up("worker-1", not_pid=dead)
    expect(page.get_by_text("what was written is kept")).to_be_visible(timeout=40_000)
    expect(story.stop).to_be_hidden()
    kept = ada.messages(chat_id)[-1]
    assert kept["reply"]["finish_reason"] == "interrupted"
    count = len(sequence(kept["text"]))
    assert count > 3
    assert story.text() == kept["text"]
    ada.ask("PATCH", f"/connections/{connection(ada)}", {"revision": 1, "model": "paced-ttft50-tps50-n10"})
    page.get_by_text("what was written is kept").get_by_role("button", name="Continue").click()
    expect(page.get_by_text("what was written is kept")).to_be_hidden()
    story.wait_for_reply()
    assert sequence(story.text()) == [*range(count), *range(10)]
    assert story.text() == ada.messages(chat_id)[-1]["text"]


def connection(ada: Person) -> str:
    return str(next(one["id"] for one in ada.ask("GET", "/connections") if one["name"] == "Paced"))


def test_a_draft_outlives_its_tab(ada: Person, page: Page) -> None:
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.composer.press_sequentially("Half a thou")
    page.evaluate(KEPT, "Half a thou")
    page.close(run_before_unload=True)
    story = Story(page.context.new_page()).open(chat_id)
    expect(story.composer).to_have_value("Half a thou")


@pytest.mark.parametrize("reloaded", [False, True], ids=["in the same page", "in a page loaded anew"])
def test_what_is_said_offline_is_sent_once_when_the_network_is_back(reloaded: bool, ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps0-n3")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    page.context.set_offline(True)
    story.say("Can you hear me?")
    expect(page.get_by_text("It goes out by itself, once.")).to_be_visible()
    assert len(ada.messages(chat_id)) == 1
    if reloaded:
        page.close()
        page.context.set_offline(False)
        story = Story(page.context.new_page()).open(chat_id)
    else:
        page.context.set_offline(False)
    story.wait_for_reply()
    expect(story.page.get_by_text("It goes out by itself, once.")).to_be_hidden()
    assert [message["role"] for message in ada.messages(chat_id)] == ["assistant", "user", "assistant"]


def test_the_tabs_title_tells_of_a_reply_that_ended_unseen(ada: Person, page: Page) -> None:
    ada.use_model("ttft500-tps20-n5")
    story = Story(page).open(ada.begin())
    expect(page).to_have_title("Wren · TavernAI Plus")
    story.say("Call me when you are done.")
    hide = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true })"
    page.evaluate(hide % "true")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title("(1) Wren · TavernAI Plus")
    page.evaluate(hide % "false")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title("Wren · TavernAI Plus")
