"""What a page does for a delta of a reply: little, and no more at the reply's end than at its beginning."""

from playwright.sync_api import Page

from tests.browser.stage import Person, Story

WATCH = """() => {
  const live = document.querySelector('.prose.live')
  const seen = { frames: [], touched: [], outside: 0 }
  let count = 0
  new MutationObserver((changes) => {
    for (const one of changes) {
      count += 1 + one.addedNodes.length + one.removedNodes.length
      // A finished block is one that is not among the last of the reply, with what lies in it.
      const blocks = [...live.children]
      const block = blocks.findIndex((each) => each.contains(one.target))
      if (block !== -1 && block < blocks.length - 2) seen.outside += 1
    }
  }).observe(live, { childList: true, subtree: true, characterData: true })
  const frame = () => {
    if (count > 0) seen.touched.push(count)
    count = 0
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  window.seen = seen
}"""


def test_a_delta_touches_only_the_block_that_is_being_written(ada: Person, page: Page, prose: str) -> None:
    wanted = {"name": "Prose", "kind": "openai_chat", "address": prose, "model": "prose-story-tps150-n2400"}
    ada.choose(connection_id=str(ada.ask("POST", "/connections", wanted)["id"]))
    chat_id = ada.begin()
    story = Story(page).open(chat_id)
    story.say("Tell me of the sea.")
    # On a slow machine the last turn is still the person's own.
    page.locator(".prose.live").first.wait_for()
    story.wait_for_text(20)
    page.evaluate(WATCH)
    story.wait_for_text(3_000)
    early = page.evaluate("window.seen.touched.splice(0)")
    story.wait_for_text(5_000)
    late = page.evaluate("window.seen.touched.splice(0)")
    assert page.evaluate("window.seen.outside") == 0
    assert max(early) < 400
    assert max(late) < 400
    story.wait_for_reply()
    stored = ada.messages(chat_id)[-1]["text"]
    words = stored.replace("*", "").split()
    assert story.text().split() == words
