"""Moments as Moment.js writes them in English: its format tokens, and spans in words."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_LONG = {
    "LTS": "h:mm:ss A", "LT": "h:mm A", "LLLL": "dddd, MMMM D, YYYY h:mm A", "LLL": "MMMM D, YYYY h:mm A",
    "LL": "MMMM D, YYYY", "L": "MM/DD/YYYY", "llll": "ddd, MMM D, YYYY h:mm A", "lll": "MMM D, YYYY h:mm A",
    "ll": "MMM D, YYYY", "l": "M/D/YYYY",
}  # fmt: skip
_TOKEN = re.compile(
    r"\[([^\]\[]*)\]|\\(.)|LTS|LT|L{1,4}|l{1,4}|Mo|M{1,4}|Qo|Q|Do|D{1,2}(?!D)|DDDo|D{3,4}|do|d{1,4}|e|E|wo|w{1,2}|Wo|W{1,2}"
    r"|Y{5,6}|y{1,4}|N{1,5}|YYYY|YY|Y|gggg|gg|GGGG|GG|A|a|H{1,2}|h{1,2}|k{1,2}|mm?|ss?|S{1,9}|ZZ?|zz?|X|x|.",
    re.DOTALL,
)
ISO = "YYYY-MM-DDTHH:mm:ssZ"
_OFFSET = re.compile(r"UTC([+-]\d{1,4})\Z")
_HOURS_MOST = 15
_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?\Z")


def formatted(moment: datetime, form: str) -> str:
    """The moment by a pattern of tokens; what stands in brackets and what is no token stays."""

    def token(found: re.Match[str]) -> str:
        if found[1] is not None or found[2] is not None:
            return found[1] if found[1] is not None else found[2]
        if found[0] in "\n\r\u2028\u2029":
            # Moment's own dot means no line end: they are lost.
            return ""
        if found[0] in _LONG:
            return formatted(moment, _LONG[found[0]])
        write = _TOKENS.get(found[0])
        if write is not None:
            return write(moment)
        if found[0][0] == "S" and len(found[0]) <= 9:
            return f"{moment.microsecond:06}000"[: len(found[0])]
        return found[0]

    return _TOKEN.sub(token, form)


def at_offset(moment: datetime, zone: str) -> datetime:
    """The clock in `UTC+9` and the like; the moment itself when it is nothing of the kind. More than 15 are minutes."""
    found = _OFFSET.match(zone)
    if found is None:
        return moment
    number = int(found[1])
    return moment.astimezone(UTC) + timedelta(minutes=number * 60 if abs(number) <= _HOURS_MOST else number)


def read(text: str, like: datetime) -> datetime | None:
    """A moment written as ISO 8601; without a zone it is in that of `like`."""
    found = _FORM.match(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = like.tzinfo
    if found[8]:
        sign = -1 if found[8][0] == "-" else 1
        digits = found[8][1:].replace(":", "")
        zone = UTC if found[8] == "Z" else timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
    try:
        return datetime(year, month, day, hour, minute, second, int((found[7] or "0").ljust(6, "0")), zone)
    except ValueError:
        return None


def in_words(span: timedelta) -> str:
    """`a few seconds`, `3 hours`, `a month` … without a direction."""
    # Halves go up, as in JavaScript.
    span_seconds = abs(span.total_seconds())
    seconds, minutes, hours, days, months, years = (
        int(span_seconds / unit + 0.5) for unit in (1, 60, 3600, 86400, 86400 * 146097 / 4800, 86400 * 146097 / 400)
    )
    steps: tuple[tuple[bool, str], ...] = (
        (seconds <= 44, "a few seconds"),
        (minutes <= 1, "a minute"),
        (minutes < 45, f"{minutes} minutes"),
        (hours <= 1, "an hour"),
        (hours < 22, f"{hours} hours"),
        (days <= 1, "a day"),
        (days < 26, f"{days} days"),
        (months <= 1, "a month"),
        (months < 11, f"{months} months"),
        (years <= 1, "a year"),
    )
    return next((words for fits, words in steps if fits), f"{years} years")


def from_to(start: datetime, end: datetime) -> str:
    """How far `start` lies from `end`: `in 2 hours`, `2 hours ago`."""
    span = start - end
    words = in_words(span)
    return f"in {words}" if span > timedelta(0) else f"{words} ago"


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _sunday(moment: datetime) -> int:
    return moment.isoweekday() % 7


def _week(moment: datetime) -> tuple[int, int]:
    """Year and number of the week in English: weeks begin on Sunday, the first holds the first of January."""
    first = datetime(moment.year + 1, 1, 1)
    day = datetime(moment.year, moment.month, moment.day)
    if day >= first - timedelta(days=_sunday(first)):
        return moment.year + 1, 1
    first = datetime(moment.year, 1, 1)
    return moment.year, ((day - (first - timedelta(days=_sunday(first)))).days // 7) + 1


def _zone(moment: datetime, separator: str) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{separator}{abs(minutes) % 60:02}"


_TOKENS: dict[str, Callable[[datetime], str]] = {
    "M": lambda m: str(m.month), "Mo": lambda m: _ordinal(m.month), "MM": lambda m: f"{m.month:02}",
    "MMM": lambda m: _MONTHS[m.month - 1][:3], "MMMM": lambda m: _MONTHS[m.month - 1],
    "Q": lambda m: str((m.month + 2) // 3), "Qo": lambda m: _ordinal((m.month + 2) // 3),
    "D": lambda m: str(m.day), "Do": lambda m: _ordinal(m.day), "DD": lambda m: f"{m.day:02}",
    "DDD": lambda m: str(m.timetuple().tm_yday), "DDDo": lambda m: _ordinal(m.timetuple().tm_yday),
    "DDDD": lambda m: f"{m.timetuple().tm_yday:03}",
    "d": lambda m: str(_sunday(m)), "do": lambda m: _ordinal(_sunday(m)), "dd": lambda m: _DAYS[m.weekday()][:2],
    "ddd": lambda m: _DAYS[m.weekday()][:3], "dddd": lambda m: _DAYS[m.weekday()],
    "e": lambda m: str(_sunday(m)), "E": lambda m: str(m.isoweekday()),
    "w": lambda m: str(_week(m)[1]), "wo": lambda m: _ordinal(_week(m)[1]), "ww": lambda m: f"{_week(m)[1]:02}",
    "W": lambda m: str(m.isocalendar()[1]), "Wo": lambda m: _ordinal(m.isocalendar()[1]),
    "WW": lambda m: f"{m.isocalendar()[1]:02}",
    "YY": lambda m: f"{m.year % 100:02}", "YYYY": lambda m: f"{m.year:04}", "Y": lambda m: str(m.year),
    "YYYYY": lambda m: f"{m.year:05}", "YYYYYY": lambda m: f"+{m.year:06}",
    **{"y" * count: lambda m: str(m.year) for count in (1, 2, 3, 4)},
    **{"N" * count: lambda m: "AD" for count in (1, 2, 3, 5)}, "NNNN": lambda m: "Anno Domini",
    "gg": lambda m: f"{_week(m)[0] % 100:02}", "gggg": lambda m: str(_week(m)[0]),
    "GG": lambda m: f"{m.isocalendar()[0] % 100:02}", "GGGG": lambda m: str(m.isocalendar()[0]),
    "A": lambda m: "AM" if m.hour < 12 else "PM", "a": lambda m: "am" if m.hour < 12 else "pm",
    "H": lambda m: str(m.hour), "HH": lambda m: f"{m.hour:02}",
    "h": lambda m: str(m.hour % 12 or 12), "hh": lambda m: f"{m.hour % 12 or 12:02}",
    "k": lambda m: str(m.hour or 24), "kk": lambda m: f"{m.hour or 24:02}",
    "m": lambda m: str(m.minute), "mm": lambda m: f"{m.minute:02}",
    "s": lambda m: str(m.second), "ss": lambda m: f"{m.second:02}",
    "Z": lambda m: _zone(m, ":"), "ZZ": lambda m: _zone(m, ""), "z": lambda m: "", "zz": lambda m: "",
    "X": lambda m: str(int(m.timestamp())), "x": lambda m: str(int(m.timestamp() * 1000)),
}  # fmt: skip
