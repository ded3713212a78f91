"""Chats of other programs, written as SillyTavern's JSONL: from there on they are read like its own.

Kobold Lite saves, CAI Tools' histories, text-generation-webui's logs, Agnai's and RisuAI's chats. Chub's are JSONL
already.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

CHATS_MOST = 1_000
_TURN = re.compile(r"\{\{\[(INPUT|OUTPUT)\]\}\}|\{\{\[(INPUT|OUTPUT)_END\]\}\}")
_OPPONENTS = "||$||"


class OtherChat(NamedTuple):
    character: str
    """The character's name, empty where the file does not say."""
    title: str
    data: bytes
    """SillyTavern's JSONL."""


class _Said(NamedTuple):
    mine: bool
    name: str
    text: str
    at: Any = None


def read_others(given: Any) -> list[OtherChat]:
    """The chats in a file's JSON; none where it is of another kind."""
    if not isinstance(given, Mapping):
        return []
    if isinstance(given.get("savedsettings"), Mapping):
        return _made(_kobold(given))
    if "histories" in given:
        return [chat for one in _histories(given) for chat in _made(one)][:CHATS_MOST]
    if isinstance(given.get("data_visible"), list):
        return _made(_webui(given))
    if given.get("type") == "risuChat":
        return _made(_risu(given))
    if isinstance(given.get("messages"), list):
        return _made(_agnai(given))
    return []


_Found = tuple[str, str, Iterable[_Said]]
"""The character's name, a title, and what was said."""


def _made(found: _Found) -> list[OtherChat]:
    character, title, said = found
    kept = [one for one in said if one.text.strip()]
    if not kept:
        return []
    character = character or next((one.name for one in kept if not one.mine and one.name), "")
    lines: list[dict[str, Any]] = [
        {"chat_metadata": {}, "user_name": "unused", "character_name": "unused"},
        *({"name": _name(one, character), "is_user": one.mine, "mes": one.text, **_when(one)} for one in kept),
    ]
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    return [OtherChat(character[:200], title[:200], text.encode("utf-8", "replace"))]


def _name(said: _Said, character: str) -> str:
    return (said.name or ("You" if said.mine else character))[:200]


def _when(said: _Said) -> dict[str, Any]:
    return {"send_date": said.at} if isinstance(said.at, str | int | float) and not isinstance(said.at, bool) else {}


def _kobold(given: Mapping[str, Any]) -> _Found:
    settings = given["savedsettings"]
    me = _text(settings.get("chatname")) or "You"
    them = [one for one in _text(settings.get("chatopponent")).split(_OPPONENTS) if one.strip()]
    actions = given.get("actions")
    parts = [given.get("prompt"), *(actions if isinstance(actions, list) else [])]
    story = "".join(part for part in parts if isinstance(part, str))
    in_turns = "{{[INPUT]}}" in story or "{{[OUTPUT]}}" in story
    said = _turns(story) if in_turns else _spoken(story, me, them)
    return (them[0] if them else ""), _text(given.get("title")), list(said)


def _turns(story: str) -> Iterator[_Said]:
    """A story in instruct mode: marks stand where a turn begins."""
    mine, start = False, 0
    for mark in _TURN.finditer(story):
        yield _Said(mine, "", story[start : mark.start()].strip())
        mine, start = mark[1] == "INPUT", mark.end()
    yield _Said(mine, "", story[start:].strip())


def _spoken(story: str, me: str, them: list[str]) -> Iterator[_Said]:
    """A story in chat mode: lines that begin with a name. One without any name was told by the other side."""
    names = sorted((me, *them), key=len, reverse=True)
    line_of = re.compile("^(" + "|".join(re.escape(name) for name in names) + "): ?", re.MULTILINE)
    name, start = "", 0
    for mark in line_of.finditer(story):
        yield _Said(name == me, name, story[start : mark.start()].strip())
        name, start = mark[1], mark.end()
    yield _Said(name == me, name, story[start:].strip())


def _histories(given: Mapping[str, Any]) -> Iterator[_Found]:
    inner = given["histories"]
    many = inner.get("histories") if isinstance(inner, Mapping) else inner
    character = _text(_inner(_inner(given, "info"), "character").get("name"))
    for number, one in enumerate(many if isinstance(many, list) else [], start=1):
        messages = one.get("msgs") if isinstance(one, Mapping) else one
        said = [
            _Said(_inner(m, "src").get("is_human") is True, _text(_inner(m, "src").get("name")), _text(m.get("text")))
            for m in (messages if isinstance(messages, list) else [])
            if isinstance(m, Mapping)
        ]
        yield character, str(number), said


def _webui(given: Mapping[str, Any]) -> _Found:
    said = []
    for pair in given["data_visible"]:
        mine, theirs = (*pair, "", "")[:2] if isinstance(pair, list) else ("", "")
        said += [_Said(True, "", _text(mine)), _Said(False, "", _text(theirs))]
    return _text(given.get("name2")), "", said


def _risu(given: Mapping[str, Any]) -> _Found:
    data = _inner(given, "data")
    messages = data.get("message")
    said = [
        _Said(m.get("role") == "user", _text(m.get("name")), _text(m.get("data")), m.get("time"))
        for m in (messages if isinstance(messages, list) else [])
        if isinstance(m, Mapping)
    ]
    return "", _text(data.get("name")), said


def _agnai(given: Mapping[str, Any]) -> _Found:
    said = [
        _Said(bool(m.get("userId")), _text(m.get("handle")), _text(m.get("msg")), m.get("createdAt"))
        for m in given["messages"]
        if isinstance(m, Mapping)
    ]
    return "", _text(given.get("name")), said


def _inner(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = given.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
