"""Sets of quick replies as SillyTavern keeps them: version 2, and the slots of version 1.

Writing gives back the file that was read with only those keys changed whose meaning was changed. A changed file of
version 1 becomes one of version 2, as it does in SillyTavern.
"""

from typing import Any

from chalicelib.models.quick_replies import QuickReply, QuickSetValues
from chalicelib.presetfiles.fields import JsonObject, flag, many, text, whole

_LABEL_MOST, _TITLE_MOST, _ICON_MOST = 200, 2_000, 100
_ALONE = (
    "executeOnStartup",
    "executeOnUser",
    "executeOnAi",
    "executeOnChatChange",
    "executeOnGroupMemberDraft",
    "executeOnNewChat",
    "executeBeforeGeneration",
)
_SET = (
    ("name", "name"),
    ("only_insert", "disableSend"),
    ("before_input", "placeBeforeInput"),
    ("with_input", "injectInput"),
)
_REPLY = (("label", "label"), ("title", "title"), ("message", "message"), ("icon", "icon"), ("hidden", "isHidden"))


def is_quick_set(given: JsonObject) -> bool:
    return isinstance(given.get("qrList"), list) or isinstance(given.get("quickReplySlots"), list)


def read_set(given: JsonObject) -> QuickSetValues:
    return QuickSetValues(
        name=text(given, "name"),
        replies=[_reply(one, number) for number, one in enumerate(_replies(given), 1)],
        only_insert=flag(given, "disableSend", not flag(given, "quickActionEnabled", True)),
        before_input=flag(given, "placeBeforeInput", flag(given, "placeBeforeInputEnabled")),
        with_input=flag(given, "injectInput", flag(given, "AutoInputInject")),
    )


def write_set(values: QuickSetValues, original: JsonObject) -> dict[str, Any]:
    """The file with these values; an empty one is written in full."""
    before = read_set(original) if original else None
    written = dict(original)
    for name, key in _SET:
        if before is None or getattr(values, name) != getattr(before, name):
            written[key] = getattr(values, name)
    if before is not None and values.replies == before.replies:
        return written
    old = {one.id: (file, one) for file, one in zip(_replies(original), before.replies if before else [], strict=True)}
    highest = max([whole(original, "idIndex", 0), *old, *(one.id for one in values.replies)], default=0)
    listed: list[dict[str, Any]] = []
    used = set[int]()
    for one in values.replies:
        number = one.id
        if number <= 0 or number in used:
            number = highest = highest + 1
        used.add(number)
        file, was = old.get(number, ({}, None))
        listed.append(_written(one.model_copy(update={"id": number}), file, was))
    written.pop("quickReplySlots", None)
    return {**written, "version": 2, "idIndex": highest, "qrList": listed}


def _replies(given: JsonObject) -> list[JsonObject]:
    if isinstance(given.get("qrList"), list):
        return many(given, "qrList")
    return many(given, "quickReplySlots")


def _reply(given: JsonObject, number: int) -> QuickReply:
    message = text(given, "message", text(given, "mes"))
    return QuickReply.model_construct(  # a file's texts may be longer than what we let anybody type
        id=max(whole(given, "id", number), 0) or number,
        label=text(given, "label")[:_LABEL_MOST],
        title=text(given, "title")[:_TITLE_MOST],
        message=message,
        icon=text(given, "icon")[:_ICON_MOST],
        hidden=flag(given, "isHidden", flag(given, "hidden")),
        is_script=is_script(message),
        by_itself=any(flag(given, key) for key in _ALONE),
    )


def is_script(message: str) -> bool:
    """Whether a text is commands: as in SillyTavern, one that begins with a slash, or with a comment of theirs."""
    return message.lstrip().startswith(("/", "{:"))


def _written(one: QuickReply, file: JsonObject, was: QuickReply | None) -> dict[str, Any]:
    written = dict(file)
    for name, key in _REPLY:
        if was is None or getattr(one, name) != getattr(was, name):
            written[key] = getattr(one, name)
    if was is None:
        written.setdefault("showLabel", False)
        written.setdefault("contextList", [])
    written.pop("mes", None)
    return {**written, "id": one.id, "message": written.get("message", one.message)}
