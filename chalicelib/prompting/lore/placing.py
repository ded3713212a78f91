"""Where the entries that woke go in a prompt, and in which order."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from chalicelib.models.shapes import MessageRole
from chalicelib.prompting.lore.asking import Activated
from chalicelib.prompting.lore.decorators import Decorators


@dataclass(frozen=True, slots=True)
class Placement:
    """Texts by their place. Higher orders stand lower, nearer to the chat."""

    before: str = ""
    after: str = ""
    note_top: list[str] = field(default_factory=list)
    note_bottom: list[str] = field(default_factory=list)
    in_chat: dict[tuple[int, MessageRole], list[str]] = field(default_factory=dict)
    examples_top: list[str] = field(default_factory=list)
    """Each goes on top of the ones before it."""
    examples_bottom: list[str] = field(default_factory=list)
    outlets: dict[str, str] = field(default_factory=dict)
    personality: list[str] = field(default_factory=list)
    """For the end of that field, as a decorator of V3 asks."""
    scenario: list[str] = field(default_factory=list)


def place(
    activated: Iterable[Activated], *, edit: Callable[[str, int | None], str] = lambda text, depth: text
) -> Placement:
    """The texts in their places. `edit` has the last word on each; its depth is None for what is not in the chat.

    Entries of one order come out reversed, those of outlets do not: presets of the field are made for that.
    """
    before: list[str] = []
    after: list[str] = []
    found = Placement()
    outlets: dict[str, list[str]] = {}
    by_order = sorted(activated, key=lambda one: -one.entry.order)
    for one in by_order:
        entry = one.entry
        text = edit(one.text, entry.depth if entry.place == "in_chat" else None)
        if not text:
            continue
        lists: dict[str, list[str]] = {
            "before": before,
            "after": after,
            "note_top": found.note_top,
            "note_bottom": found.note_bottom,
            "examples_top": found.examples_top,
            "examples_bottom": found.examples_bottom,
        }
        if _field(one.decorators) == "personality":
            found.personality.insert(0, text)
        elif _field(one.decorators) == "scenario":
            found.scenario.insert(0, text)
        elif entry.place == "in_chat":
            found.in_chat.setdefault((entry.depth, entry.role), []).insert(0, text)
        elif entry.place == "outlet":
            if entry.outlet:
                outlets.setdefault(entry.outlet, []).append(text)
        elif entry.place in lists:
            lists[entry.place].insert(0, text)
    return Placement(
        before="\n".join(before),
        after="\n".join(after),
        note_top=found.note_top,
        note_bottom=found.note_bottom,
        in_chat=found.in_chat,
        examples_top=found.examples_top,
        examples_bottom=found.examples_bottom,
        outlets={name: "\n".join(texts) for name, texts in outlets.items()},
        personality=found.personality,
        scenario=found.scenario,
    )


def _field(decorators: Decorators) -> str | None:
    return decorators.place
