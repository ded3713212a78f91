"""Macros that do something with their arguments. Each gets the engine and its arguments, and gives a text.

None says that the arguments do not fit: the macro then stays as it was written.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.errors import Invalid
from chalicelib.prompting.macros import moments
from chalicelib.prompting.macros import variables as held
from chalicelib.prompting.macros.dates import read_date
from chalicelib.prompting.macros.stable import picked

if TYPE_CHECKING:
    from chalicelib.prompting.macros.expander import Macros

ANY_NUMBER = 1_000_000
DICE_MOST = 1_000
BLANKS_MOST = 10_000
TRIM = "{{trim}}"
"""Stays until all else is resolved; then the line breaks around it go, and it with them."""
_DICE = re.compile(r"(?:([1-9]\d{0,5})?d)?([1-9]\d{0,8})([+-]\d{1,9})?\Z", re.IGNORECASE)


class Site(NamedTuple):
    """Where a macro stands: the whole text as it was given, and the place in it."""

    text: str
    offset: int


class Known(NamedTuple):
    least: int
    most: int
    """How many arguments it takes, what stands between its opening and closing tags included."""
    run: "Callable[[Macros, Sequence[str], Site], str | None]"
    listed: bool = False
    """Whether its arguments are a list: such a macro holds nothing between two tags."""


def choices(arguments: Sequence[str]) -> list[str]:
    """Several arguments as they are; a single one is a list with double colons or commas, `\\,` being a comma."""
    if len(arguments) != 1:
        return list(arguments)
    if "::" in arguments[0]:
        return [choice.strip() for choice in arguments[0].split("::")]
    return [choice.replace("\\,", ",").strip() for choice in re.split(r"(?<!\\),", arguments[0])]


def roll(engine: "Macros", formula: str) -> str:
    """`6`, `d6`, `2d6`, `2d6+1`; nothing for what is no throw."""
    found = _DICE.match(formula.strip())
    if found is None or int(found[1] or 1) > DICE_MOST:
        return ""
    sides = int(found[2])
    return str(sum(engine.below(sides) + 1 for _ in range(int(found[1] or 1))) + int(found[3] or 0))


def _random(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    found = choices(arguments)
    return found[engine.below(len(found))] if found else ""


def _pick(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    found = choices(arguments)
    return (
        found[picked(len(found), engine.chat_hash, site.text, site.offset, reroll=engine.pick_reroll)] if found else ""
    )


def _blanks(letter: str) -> "Callable[[Macros, Sequence[str], Site], str | None]":
    def run(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
        if not arguments:
            return letter
        count = arguments[0].strip()
        return letter * int(count) if re.fullmatch(r"\d{1,5}", count) and int(count) <= BLANKS_MOST else None

    return run


def _time(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    moment = moments.at_offset(engine.now, arguments[0]) if arguments else engine.now
    return moments.formatted(moment, "LT")


def _idle(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    written = moments.read(engine.value("lastWritten"), engine.now)
    return moments.in_words(engine.now - written) if written else "just now"


def _difference(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    first, second = (read_date(argument, engine.now.tzinfo) for argument in arguments)
    return moments.from_to(first, second) if first and second else "Invalid date"


def _clock(form: str) -> Known:
    return Known(0, 0, lambda engine, arguments, site: moments.formatted(engine.now, form))


def _greeting(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    number = arguments[0].strip()
    if not re.fullmatch(r"-?\d{1,9}", number):
        return None
    return engine.value("charFirstMessage") if int(number) == 0 else engine.value(f"greeting {int(number)}")


def _get(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str:
    return held.shown(store.get(arguments[0]))


def _set(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str | None:
    if not arguments[0]:
        return None
    put(store, arguments[0], arguments[1])
    return ""


def _add(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str | None:
    if not arguments[0]:
        return None
    put(store, arguments[0], held.added(store.get(arguments[0]), arguments[1]))
    return ""


def _step(by: int) -> "Callable[[Macros, dict[str, Any], Sequence[str]], str | None]":
    def run(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str | None:
        if not arguments[0]:
            return None
        put(store, arguments[0], held.added(store.get(arguments[0]), by))
        return held.shown(store[arguments[0]])

    return run


def _has(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str:
    return "true" if arguments[0] in store else "false"


def _delete(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str:
    store.pop(arguments[0], None)
    return ""


def _get_item(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str:
    return held.item(store.get(arguments[0]), arguments[1])


def _set_item(engine: "Macros", store: dict[str, Any], arguments: Sequence[str]) -> str | None:
    if not arguments[0]:
        return None
    changed = held.with_item(store.get(arguments[0]), arguments[1], arguments[2])
    if changed is not None:
        put(store, arguments[0], changed)
    return ""


def put(store: dict[str, Any], name: str, value: Any) -> None:
    """Sets a variable. Raises Invalid when there are too many or one grows too large."""
    if name not in store and len(store) >= held.VARIABLES_MOST:
        raise Invalid(f"There are more than {held.VARIABLES_MOST:,} variables in this chat.", code="prompt_too_long")
    if isinstance(value, str) and len(value) > held.VALUE_CHARACTERS_MOST:
        raise Invalid(f"The variable {name[:50]} has grown too large.", code="prompt_too_long")
    store[name] = value


_ON_VARIABLES: dict[str, tuple[int, Callable[..., str | None]]] = {
    "get{}var": (1, _get),
    "set{}var": (2, _set),
    "add{}var": (2, _add),
    "inc{}var": (1, _step(1)),
    "dec{}var": (1, _step(-1)),
    "has{}var": (1, _has),
    "{}varexists": (1, _has),
    "delete{}var": (1, _delete),
    "flush{}var": (1, _delete),
    "get{}varkey": (2, _get_item),
    "get{}varindex": (2, _get_item),
    "set{}varkey": (3, _set_item),
    "set{}varindex": (3, _set_item),
}


def _on_store(
    run: Callable[..., str | None], everywhere: bool
) -> "Callable[[Macros, Sequence[str], Site], str | None]":
    def on_store(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
        return run(engine, engine.variables.everywhere if everywhere else engine.variables.local, arguments)

    return on_store


def _nothing(engine: "Macros", arguments: Sequence[str], site: Site) -> str | None:
    return ""


KNOWN: dict[str, Known] = {
    "noop": Known(0, 0, _nothing),
    "else": Known(0, 0, _nothing),
    "trim": Known(0, 1, lambda engine, arguments, site: TRIM),
    "space": Known(0, 1, _blanks(" ")),
    "newline": Known(0, 1, _blanks("\n")),
    "reverse": Known(1, 1, lambda engine, arguments, site: arguments[0][::-1]),
    "//": Known(1, 1, _nothing),
    "comment": Known(1, 1, _nothing),
    "banned": Known(1, 1, _nothing),
    "random": Known(0, ANY_NUMBER, _random, listed=True),
    "pick": Known(0, ANY_NUMBER, _pick, listed=True),
    "roll": Known(1, 1, lambda engine, arguments, site: roll(engine, arguments[0])),
    "outlet": Known(1, 1, lambda engine, arguments, site: engine.outlet(arguments[0])),
    "idleduration": Known(0, 0, _idle),
    "idle_duration": Known(0, 0, _idle),
    "time": Known(0, 1, _time),
    "date": _clock("LL"),
    "weekday": _clock("dddd"),
    "isotime": _clock("HH:mm"),
    "isodate": _clock("YYYY-MM-DD"),
    "datetimeformat": Known(
        1, 1, lambda engine, arguments, site: moments.formatted(engine.now, arguments[0] or moments.ISO)
    ),
    "timediff": Known(2, 2, _difference),
    "greeting": Known(0, 1, _greeting),
    "charfirstmessage": Known(0, 1, _greeting),
    "hasextension": Known(1, 1, lambda engine, arguments, site: "false"),
    **{
        name.format(where): Known(count, count, _on_store(run, bool(where)))
        for name, (count, run) in _ON_VARIABLES.items()
        for where in ("", "global")
    },
}
