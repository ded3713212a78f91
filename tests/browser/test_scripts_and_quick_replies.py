"""What came with a card asks before it runs, and buttons above the composer send what they say."""

from playwright.sync_api import Page, expect

from tests.browser.stage import Person

STARS = {
    "id": "s",
    "scriptName": "Stars",
    "findRegex": "/lantern/g",
    "replaceString": "STAR",
    "trimStrings": [],
    "placement": [2],
    "markdownOnly": True,
    "promptOnly": False,
    "substituteRegex": 0,
    "minDepth": None,
    "maxDepth": None,
}
CARD = {"name": "Nell", "first_mes": "A lantern hangs here.", "extensions": {"regex_scripts": [STARS]}}


def test_scripts_of_a_card_are_shown_and_run_once_one_says_so(ada: Person, page: Page) -> None:
    character = ada.ask("POST", "/characters", {"card": CARD})
    chat = ada.ask("POST", "/chats", {"character_id": character["id"]})
    page.goto(f"/chats/{chat['id']}")
    story = page.get_by_role("log", name="Story")
    expect(story.get_by_text("A lantern hangs here.")).to_be_visible()
    page.get_by_role("button", name="Look at them").click()
    expect(page.get_by_text("/lantern/g")).to_be_visible()
    page.get_by_role("button", name="Let them run").click()
    expect(story.get_by_text("A STAR hangs here.")).to_be_visible()
    expect(page.get_by_role("button", name="Look at them")).to_be_hidden()


def test_a_set_from_a_file_asks_once_and_commands_are_only_inserted(ada: Person, page: Page) -> None:
    replies = [{"id": 1, "label": "Nod", "message": "I nod."}, {"id": 2, "label": "Roll", "message": "/roll 2d6"}]
    file = {"version": 2, "name": "Ways", "qrList": replies}
    ada.ask("POST", "/quick-replies/import", {"file": file})
    character = ada.ask("POST", "/characters", {"card": CARD})
    chat = ada.ask("POST", "/chats", {"character_id": character["id"]})
    page.goto(f"/chats/{chat['id']}")
    page.get_by_role("button", name="Roll").click()
    page.get_by_role("button", name="Let them run").click()
    expect(page.get_by_role("textbox", name="What you say or do")).to_have_value("/roll 2d6")
    page.get_by_role("button", name="Nod").click()
    expect(page.get_by_text("I nod.", exact=True)).to_be_visible()
    expect(page.get_by_role("textbox", name="What you say or do")).to_have_value("/roll 2d6")
