"""Inclusion groups: of the entries of one group that would wake together, one does.

An entry may be in several groups. They are gone through one by one, each with all its members, as SillyTavern does:
who lost one group already may win or lose another, and who loses twice takes the last entry of all along with it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.models.scenes import Dice
from chalicelib.models.worlds import WorldEntry
from chalicelib.prompting.lore.asking import Verdict

Item = TypeVar("Item")
_NUMBERS_MOST = 4_294_967_294


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides within a group."""

    scoring: bool
    """Whether entries that say nothing themselves are scored."""
    dice: Dice


def group_of(entry: WorldEntry) -> str:
    """Its groups as they are written: a group counts as won only by an entry that names no other beside it."""
    return entry.group_text or ", ".join(entry.groups)


def lost(
    items: Sequence[Item],
    *,
    entry_of: Callable[[Item], WorldEntry],
    sticks: Callable[[Item], bool],
    rests: Callable[[Item], bool],
    score: Callable[[Item], int],
    won: Collection[str],
    rules: Rules,
) -> dict[Item, tuple[Verdict, str]]:
    """Those that yield to another of their group, and why. `won` are the groups that have a winner already."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        for name in _names(group_of(entry_of(item))):
            groups.setdefault(name, []).append(item)
    if not groups:
        return {}
    groups = dict(sorted(groups.items(), key=lambda one: _place(one[0])))
    field = _Field(items)
    stuck = set[str]()
    for name, members in groups.items():
        if any(sticks(member) for member in members):
            stuck.add(name)
            field.drop((member for member in members if not sticks(member)), Verdict.GROUP, name)
        field.drop((member for member in members if rests(member)), Verdict.GROUP, name)
    for name, members in groups.items():
        if name not in stuck:
            outscored = _outscored(members, entry_of, score, rules)
            field.drop(outscored, Verdict.GROUP_SCORE, name)
            groups[name] = [member for member in members if member not in outscored]
    for name, members in groups.items():
        if name in stuck:
            continue
        if name in won:
            field.drop(members, Verdict.GROUP, name)
        elif len(members) > 1:
            winner = _winner(members, entry_of, rules)
            field.drop((member for member in members if member != winner), Verdict.GROUP, name)
    return field.out


class _Field(Generic[Item]):
    """Who is left, and who is out."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._left = dict.fromkeys(items)
        self.out: dict[Item, tuple[Verdict, str]] = {}

    def drop(self, items: Iterable[Item], verdict: Verdict, name: str) -> None:
        for item in items:
            if item in self._left:
                del self._left[item]
                self.out[item] = (verdict, name)
            elif self._left:
                # Whom SillyTavern does not find any more, it takes from the end.
                self.out[self._left.popitem()[0]] = (Verdict.GROUP, name)


def _names(written: str) -> list[str]:
    """The groups of a list with commas; white space is kept but after a comma."""
    first, *others = written.split(",")
    return [name for name in (first, *(other.lstrip() for other in others)) if name]


def _place(name: str) -> tuple[bool, int]:
    """Names that are numbers come first, by size, then all others as they came."""
    is_number = name.isascii() and name.isdigit() and str(int(name[:20])) == name and int(name) <= _NUMBERS_MOST
    return not is_number, int(name) if is_number else 0


def _outscored(
    members: Sequence[Item], entry_of: Callable[[Item], WorldEntry], score: Callable[[Item], int], rules: Rules
) -> list[Item]:
    def scored(member: Item) -> bool:
        own = entry_of(member).group_scoring
        return rules.scoring if own is None else own

    if not any(scored(member) for member in members):
        return []
    scores = [score(member) for member in members]
    best = max(scores)
    return [member for member, points in zip(members, scores, strict=True) if scored(member) and points < best]


def _winner(members: Sequence[Item], entry_of: Callable[[Item], WorldEntry], rules: Rules) -> Item:
    preferred = [member for member in members if entry_of(member).group_override]
    if preferred:
        return max(preferred, key=lambda member: entry_of(member).order)
    weights = [entry_of(member).group_weight for member in members]
    thrown = rules.dice.random() * sum(weights)
    reached = 0.0
    for member, weight in zip(members, weights, strict=True):
        reached += weight
        if thrown <= reached:
            return member
    return members[-1]
