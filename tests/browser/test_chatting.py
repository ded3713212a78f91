"""A chat as a person has it: from signing up to turning versions, branching, and two pages side by side."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.stage import PASSWORD, Person, Story, sequence


def test_a_newcomer_signs_up_meets_two_characters_and_gets_a_reply_that_streams(
    window: Callable[..., BrowserContext],
) -> None:
    page = window().new_page()
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name").fill("Mabel")
    page.get_by_label("E-mail").fill("mabel@tavern.test")
    page.get_by_label("Password").first.fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    characters = page.get_by_role("list", name="Characters").get_by_role("article")
    expect(characters).to_have_count(2)
    characters.first.get_by_role("link").click()
    begin = page.get_by_role("button", name="Start a chat")
    expect(begin).to_be_visible()  # until then the heading is still that of the library
    name = page.get_by_role("heading", level=1).inner_text()
    begin.click()
    story = Story(page)
    expect(story.turns).to_have_count(1)
    assert len(story.wait_for_text()) > 40
    story.say("Good evening. May I sit by the fire?")
    expect(story.stop).to_be_visible()
    expect(story.turns.last).to_have_accessible_name(name)
    early = story.wait_for_text(10)
    story.wait_for_text(len(early) + 40)
    expect(story.facts()).to_have_text(re.compile(r"\d+ tokens · \d+(\.\d+)? s"))
    expect(story.stop).to_be_hidden()
    assert story.text().startswith(early[:10])


def test_versions_of_a_reply_are_written_turned_and_counted(ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps100-n10")
    story = Story(page).open(ada.begin())
    story.say("Who is there?")
    story.wait_for_reply()
    first = story.text()
    story.tool("Another version")
    expect(story.count()).to_contain_text("2/2")
    story.wait_for_reply()
    second = story.text()
    assert sequence(first) == sequence(second) == list(range(10))
    assert first != second
    story.tool("Version before")
    expect(story.count()).to_contain_text("1/2")
    expect(story.prose()).to_have_text(first)
    story.composer.press("ArrowRight")
    expect(story.count()).to_contain_text("2/2")
    expect(story.prose()).to_have_text(second)
    story.composer.press("ArrowRight")
    expect(story.count()).to_contain_text("3/3")
    story.wait_for_reply()
    page.reload()
    expect(story.count()).to_contain_text("3/3")


def test_greetings_are_versions_of_the_first_message(ada: Person, page: Page) -> None:
    story = Story(page).open(ada.begin(first_mes="Good morning.", alternate_greetings=["Good night."]))
    expect(story.prose()).to_have_text("Good morning.")
    expect(story.count()).to_contain_text("1/2")
    story.tool("Next version")
    expect(story.prose()).to_have_text("Good night.")
    expect(story.turns.last.get_by_role("button", name="Next version")).to_be_disabled()
    page.reload()
    expect(story.prose()).to_have_text("Good night.")


def test_a_reply_is_continued_where_it_ended(ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps50-n5")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Go on.")
    story.wait_for_reply()
    first = story.text()
    story.tool("Continue")
    expect(story.turns.last).to_have_attribute("aria-busy", "true")
    story.wait_for_reply()
    whole = story.text()
    assert whole.startswith(first)
    assert sequence(whole) == [*range(5), *range(5)]
    page.reload()
    expect(story.prose()).to_have_text(whole)
    assert len(ada.messages(chat_id)) == 3


def test_a_turn_is_edited_and_escape_leaves_it_as_it_was(ada: Person, page: Page) -> None:
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.tool("Edit")
    editor = page.get_by_role("textbox", name="Text of this turn")
    expect(editor).to_be_focused()
    editor.fill("Thrown away.")
    editor.press("Escape")
    expect(story.prose()).to_have_text("The lamp is lit.")
    story.tool("Edit")
    editor.fill("The lamp is *out*.")
    editor.press("Control+Enter")
    expect(story.prose()).to_have_text("The lamp is out.")
    expect(story.prose().locator("em")).to_have_text("out")
    assert [message["text"] for message in ada.messages(chat_id)] == ["The lamp is *out*."]


def test_a_deleted_turn_comes_back_by_undo_and_a_hidden_one_says_so(ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps0-n3")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Forget this.")
    story.wait_for_reply()
    story.menu("Delete", 1)
    expect(story.turns).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(story.turns).to_have_count(3)
    expect(story.prose(1)).to_have_text("Forget this.")
    story.menu("Hide from the model", 1)
    expect(story.turns.nth(1)).to_contain_text("hidden from the model")
    story.menu("Show to the model again", 1)
    expect(story.turns.nth(1)).not_to_contain_text("hidden from the model")
    story.menu("Delete this and all below", 1)
    expect(page.get_by_text("2 turns deleted.")).to_be_visible()
    page.reload()
    expect(story.prose()).to_have_text("The lamp is lit.")
    assert len(ada.messages(chat_id)) == 1


def test_a_branch_leaves_the_first_telling_as_it_was(ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps0-n3")
    story = Story(page).open(ada.begin())
    story.say("To the left.")
    story.wait_for_reply()
    first = story.text()
    story.menu("Branch from here", 0)
    expect(story.turns).to_have_count(1)
    story.say("To the right.")
    story.wait_for_reply()
    expect(story.prose(1)).to_have_text("To the right.")
    page.get_by_role("button", name="Branches, now").click()
    page.get_by_role("menuitem", name="First telling").click()
    expect(story.prose(1)).to_have_text("To the left.")
    expect(story.prose()).to_have_text(first)
    page.get_by_role("button", name="Branches, now").click()
    page.get_by_role("menuitem", name=re.compile("^Branch 1")).click()
    expect(story.prose(1)).to_have_text("To the right.")


def test_the_model_writes_the_users_turn_into_the_composer(ada: Person, page: Page) -> None:
    ada.use_model("ttft20-tps0-n4")
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    page.get_by_role("button", name="More ways to go on").click()
    page.get_by_role("menuitem", name="Write my turn for me").click()
    expect(story.composer).to_have_value(re.compile("~3:"))
    assert sequence(story.composer.input_value()) == [0, 1, 2, 3]
    expect(story.turns).to_have_count(1)
    assert len(ada.messages(chat_id)) == 1


def test_what_one_page_changes_the_other_page_shows(ada: Person, window: Callable[..., BrowserContext]) -> None:
    ada.use_model("ttft20-tps20-n20")
    chat_id = ada.begin()
    one, other = (Story(window(ada).new_page()).open(chat_id) for _ in range(2))
    one.tool("Edit")
    editor = one.page.get_by_role("textbox", name="Text of this turn")
    editor.fill("The lamp is out.")
    editor.press("Control+Enter")
    expect(other.prose()).to_have_text("The lamp is out.")
    one.say("Light it.")
    expect(other.stop).to_be_visible()
    other.wait_for_reply()
    one.wait_for_reply()
    assert sequence(one.text()) == list(range(20))
    assert one.text() == other.text()


def test_a_stale_edit_shows_both_versions_to_choose_from(ada: Person, window: Callable[..., BrowserContext]) -> None:
    chat_id = ada.begin()
    one, other = (Story(window(ada).new_page()).open(chat_id) for _ in range(2))
    late = other.page.get_by_role("textbox", name="Text of this turn")
    other.tool("Edit")
    late.fill("The lamp flickers.")
    one.tool("Edit")
    early = one.page.get_by_role("textbox", name="Text of this turn")
    early.fill("The lamp is out.")
    early.press("Control+Enter")
    expect(one.prose()).to_have_text("The lamp is out.")
    late.press("Control+Enter")
    expect(other.turns.last.get_by_role("alert")).to_contain_text("The lamp is out.")
    expect(late).to_have_value("The lamp flickers.")
    assert ada.messages(chat_id)[0]["text"] == "The lamp is out."
    other.page.get_by_role("button", name="Keep mine").click()
    expect(one.prose()).to_have_text("The lamp flickers.")
    assert ada.messages(chat_id)[0]["text"] == "The lamp flickers."


def test_a_chat_needs_no_mouse(ada: Person, window: Callable[..., BrowserContext]) -> None:
    ada.use_model("ttft20-tps20-n200")
    ada.add(name="Zoe of the Harbour")
    page = window().new_page()
    press = page.keyboard.press
    page.goto("/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(ada.email)
    press("Tab")
    page.keyboard.type(PASSWORD)
    press("Enter")
    expect(page.get_by_role("list", name="Characters").get_by_role("article")).to_have_count(3)
    press("/")
    page.keyboard.type("zoe")
    expect(page.get_by_role("list", name="Characters").get_by_role("article")).to_have_count(1)
    press("ArrowDown")
    press("Enter")
    start = page.get_by_role("button", name="Start a chat")
    expect(start).to_be_visible()
    for _ in range(12):
        press("Tab")
        if start.evaluate("button => button === document.activeElement"):
            break
    press("Enter")
    story = Story(page)
    expect(story.composer).to_be_focused()
    page.keyboard.type("Who is there?")
    press("Enter")
    story.wait_for_text(60)
    press("Escape")
    story.wait_for_reply()
    text = story.text()
    assert sequence(text) == list(range(len(sequence(text))))
    assert 0 < len(sequence(text)) < 200
    expect(story.composer).to_be_focused()
    press("ArrowUp")
    editor = page.get_by_role("textbox", name="Text of this turn")
    expect(editor).to_be_focused()
    press("Control+a")
    page.keyboard.type("Nobody.")
    press("Control+Enter")
    expect(story.prose()).to_have_text("Nobody.")
