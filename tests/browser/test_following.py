"""Where a reader is while a reply is written: at the end, or further up, where nothing drags them down."""

from playwright.sync_api import Page, expect

from tests.browser.stage import Person, Story

AT_END = "pages => pages.scrollHeight - pages.scrollTop - pages.clientHeight < 60"
"""The line that is being written may not be shown yet."""


def test_who_is_at_the_end_stays_there_and_who_reads_up_is_left_alone(ada: Person, page: Page) -> None:
    # Long enough for a busy machine to scroll while it is being written.
    ada.use_model("ttft50-tps60-n1000")
    story = Story(page).open(ada.begin())
    story.say("Tell me of the sea.")
    story.wait_for_text(1_500)
    pages = page.locator(".pages")
    for _ in range(5):
        assert pages.evaluate(AT_END)
        page.wait_for_timeout(100)
    pages.hover()
    page.mouse.wheel(0, -400)
    expect(page.get_by_role("button", name="New text")).to_be_visible()
    page.wait_for_timeout(300)
    place = pages.evaluate("pages => pages.scrollTop")
    story.wait_for_text(len(story.text()) + 400)
    assert abs(pages.evaluate("pages => pages.scrollTop") - place) < 2
    page.get_by_role("button", name="New text").click()
    expect(page.get_by_role("button", name="New text")).to_be_hidden()
    story.wait_for_text(len(story.text()) + 200)
    assert pages.evaluate(AT_END)
    story.wait_for_reply()
    page.wait_for_timeout(500)
    assert pages.evaluate(AT_END)
