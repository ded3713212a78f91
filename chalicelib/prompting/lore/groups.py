"""Inclusion groups: of the entries of one group that would wake together, one does."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.models.scenes import Dice
from chalicelib.models.worlds import WorldEntry
from chalicelib.prompting.lore.asking import Verdict

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides within a group."""

    scoring: bool
    """Whether entries that say nothing themselves are scored."""
    dice: Dice


def group_of(entry: WorldEntry) -> str:
    """The group's name. A list of several is one name: so it is in SillyTavern 1.19, and its files rely on it."""
    return (entry.group_text or ", ".join(entry.groups)).strip()


def lost(
    items: Sequence[Item],
    *,
    entry_of: Callable[[Item], WorldEntry],
    sticks: Callable[[Item], bool],
    score: Callable[[Item], int],
    won: Collection[str],
    rules: Rules,
) -> dict[Item, tuple[Verdict, str]]:
    """Those that yield to another of their group, and why. `won` are the groups that have a winner already."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        name = group_of(entry_of(item))
        if name:
            groups.setdefault(name, []).append(item)
    out: dict[Item, tuple[Verdict, str]] = {}
    for name, members in groups.items():
        stuck = [member for member in members if sticks(member)]
        if stuck:
            out.update({member: (Verdict.GROUP, name) for member in members if member not in stuck})
            continue
        for member in _outscored(members, entry_of, score, rules):
            out[member] = (Verdict.GROUP_SCORE, name)
        left = [member for member in members if member not in out]
        if name in won:
            out.update(dict.fromkeys(left, (Verdict.GROUP, name)))
        elif len(left) > 1:
            winner = _winner(left, entry_of, rules)
            out.update({member: (Verdict.GROUP, name) for member in left if member is not winner})
    return out


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
    weights = [max(entry_of(member).group_weight, 0) for member in members]
    thrown = rules.dice.random() * sum(weights)
    reached = 0.0
    for member, weight in zip(members, weights, strict=True):
        reached += weight
        if weight and thrown <= reached:
            return member
    return members[-1]
