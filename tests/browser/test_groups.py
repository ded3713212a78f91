"""Groups in the page: put together, talked with, one after another, and going on by themselves."""

import re

from playwright.sync_api import Page, expect

from tests.browser.stage import Person, Story, wait_until


def test_a_group_is_put_together_answers_in_its_order_and_goes_on_by_itself(ada: Person, page: Page) -> None:
    ada.use_model("ttft80-tps40-n20")
    mira, brom = ada.add(name="Mira", first_mes="Here I am."), ada.add(name="Brom", first_mes="")
    page.goto("/groups")
    page.get_by_role("button", name="New group").click()
    page.get_by_label("Name", exact=False).first.fill("The lighthouse")
    for name in ("Mira", "Brom"):
        page.get_by_role("button", name=f"Add {name}", exact=True).click()
    page.get_by_label("Who answers").select_option("list")
    page.get_by_label("Pause in auto mode").fill("3")
    page.get_by_role("button", name="Move Brom").press("ArrowUp")
    expect(page.get_by_role("button", name="Move Brom")).to_be_focused()
    expect(page.get_by_text("Brom is now 1 of 2.")).to_be_attached()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    members = lambda: [one["character_id"] for one in ada.ask("GET", "/groups")["items"][0]["members"]]  # noqa: E731
    wait_until(lambda: members() == [brom, mira])
    page.get_by_role("button", name="Talk with them").click()

    story = Story(page)
    expect(story.composer).to_be_visible()
    expect(story.prose()).to_have_text("Here I am.")
    story.say("Good evening.")
    expect(story.turns).to_have_count(4)
    story.wait_for_reply()
    names = [turn["name"] for turn in ada.messages(page.url.rsplit("/", 1)[1])]
    assert names == ["Mira", ada.name, "Brom", "Mira"]
    expect(story.turns.nth(2)).to_have_attribute("aria-label", re.compile("Brom"))

    page.get_by_role("button", name=re.compile("This chat|drawer", re.IGNORECASE)).first.click()
    page.get_by_role("button", name="Mute Mira").click()
    page.get_by_role("button", name="Brom speaks now").click()
    expect(story.turns).to_have_count(5)
    story.wait_for_reply()
    page.get_by_role("switch", name="Goes on by itself").click()
    expect(page.get_by_text(re.compile(r"Brom speaks in \d s|Brom is about to speak"))).to_be_visible()
    expect(story.turns).to_have_count(7, timeout=40_000)
    page.get_by_role("switch", name="Goes on by itself").click()
    wait_until(lambda: ada.ask("GET", f"/chats/{page.url.rsplit('/', 1)[1]}")["active"] == [])
