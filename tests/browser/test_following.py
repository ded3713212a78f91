"""Where a reader is while a reply is written: at the end, or further up, where nothing drags them down."""

from playwright.sync_api import Page, expect

from tests.browser.stage import Person, Story

AT_END = """() => {
  const pages = document.querySelector('.pages')
  return pages.scrollHeight - pages.scrollTop - pages.clientHeight < 60
}"""
"""Waited for: between a line's coming and the page's next drawing nobody is at the end."""


def at_rest(page: Page) -> float:
    """Where the pages stand when the wheel's scroll has come to its end."""
    places = [-1.0, -2.0]
    while places[-1] != places[-2]:
        page.wait_for_timeout(300)
        places.append(page.locator(".pages").evaluate("pages => pages.scrollTop"))
    return places[-1]


def test_who_is_at_the_end_stays_there_and_who_reads_up_is_left_alone(ada: Person, page: Page) -> None:
    # Long enough for a busy machine to scroll while it is being written.
    ada.use_model("ttft50-tps60-n1000")
    story = Story(page).open(ada.begin())
    story.say("Tell me of the sea.")
    story.wait_for_text(1_500)
    pages = page.locator(".pages")
    for _ in range(5):
        page.wait_for_function(AT_END)
        page.wait_for_timeout(100)
    pages.hover()
    page.mouse.wheel(0, -400)
    expect(page.get_by_role("button", name="New text")).to_be_visible()
    place = at_rest(page)
    story.wait_for_text(len(story.text()) + 400)
    assert abs(pages.evaluate("pages => pages.scrollTop") - place) < 2
    page.get_by_role("button", name="New text").click()
    expect(page.get_by_role("button", name="New text")).to_be_hidden()
    story.wait_for_text(len(story.text()) + 200)
    page.wait_for_function(AT_END)
    story.wait_for_reply()
    page.wait_for_timeout(500)
    page.wait_for_function(AT_END)
