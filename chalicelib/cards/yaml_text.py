"""YAML cards, without what makes YAML dangerous: no anchors, no aliases, no tags of Python."""

from typing import Any

import yaml

from chalicelib.cards.bounds import DEPTH_MOST, YAML_BYTES_MOST, check_size
from chalicelib.cards.plain import plain
from chalicelib.errors import InvalidCard

_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FAST):  # type: ignore[misc]
    """Dates stay text: a card has no use for them."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in _FAST.yaml_implicit_resolvers.items()
}


def read_yaml(data: bytes, notes: list[str]) -> Any:
    """The plain value inside YAML text. Raises InvalidCard or TooLarge."""
    check_size(len(data), YAML_BYTES_MOST, "This YAML file")
    text = data.decode("utf-8-sig", "replace").replace("\x00", "�")
    try:
        _check(text)
        return plain(yaml.load(text, Loader=_Loader), notes)  # noqa: S506  (a SafeLoader with less)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        raise InvalidCard(f"This file is not valid YAML{where}.", code="broken_yaml") from None
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise InvalidCard("This file holds YAML values that no card needs.", code="broken_yaml") from None


def _check(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_FAST):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise InvalidCard("This YAML file uses anchors or aliases, which cards may not.", code="yaml_aliases")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MOST:
            raise InvalidCard(f"The card's data is nested more than {DEPTH_MOST} levels deep.", code="too_deep")
