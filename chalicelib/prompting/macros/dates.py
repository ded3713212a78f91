"""Dates as people write them, read as Moment.js in a browser reads them: ISO 8601, else what `new Date()` makes of it.

The second is V8's reading of free texts: numbers and names of months in any order, month first where both could be
meant, words before the first number passed over, words after it refused.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_CHARACTERS_MOST = 200
_TIME = r"(?:[T ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(\s*Z|[+-]\d\d(?::?\d\d)?)?)?\Z"
_PACKED_TIME = r"(?:[T ](\d\d)(?:(\d\d)(?:(\d\d)(?:[.,](\d{1,9}))?)?)?(\s*Z|[+-]\d\d(?::?\d\d)?)?)?\Z"
_ISO: list[tuple[re.Pattern[str], str]] = [
    (re.compile(rf"(\d{{4}})-(\d\d)-(\d\d){_TIME}"), "month"),
    (re.compile(rf"(\d{{4}})-W(\d\d)(?:-(\d))?{_TIME}"), "week"),
    (re.compile(rf"(\d{{4}})-(\d\d\d)(){_TIME}"), "year"),
    (re.compile(rf"(\d{{4}})(?:-(\d\d))?()(?=T|\Z){_TIME}"), "month"),
    (re.compile(rf"(\d{{4}})(\d\d)(\d\d){_PACKED_TIME}"), "month"),
    (re.compile(rf"(\d{{4}})W(\d\d)(\d)?{_PACKED_TIME}"), "week"),
    (re.compile(rf"(\d{{4}})(\d\d\d)(){_PACKED_TIME}"), "year"),
    (re.compile(r"(\d{4})(\d\d)()\Z"), "month"),
]
# V8 takes whatever comes behind "A" for a letter.
_TOKEN = re.compile(r"([0-9]+)|([A-\U0010ffff]+)|(\s+)|(.)", re.DOTALL)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7} | {
    "pdt": -7,
    "pst": -8,
}


def read_date(text: str, zone: tzinfo | None) -> datetime | None:
    """A moment; None when it is none. Without a zone of its own it is in `zone`."""
    text = text.strip()
    if not text or len(text) > _CHARACTERS_MOST:
        return None
    for pattern, counted in _ISO:
        if found := pattern.match(text):
            try:
                return _iso(found, counted, zone)
            except (ValueError, OverflowError):
                return None
    try:
        return _Free().read(text, zone)
    except (ValueError, OverflowError):
        return None


def _iso(found: re.Match[str], counted: str, zone: tzinfo | None) -> datetime:
    year, second, third = int(found[1]), int(found[2] or 1), int(found[3] or 1)
    match counted:
        case "week":
            day = datetime.fromisocalendar(year, second, third)
        case "year":
            day = datetime(year, 1, 1) + timedelta(days=second - 1)
            if not second or day.year != year:
                raise ValueError
        case _:
            day = datetime(year, second, third)
    hour, minute, seconds, part, offset = (*found.groups()[3:], None, None, None, None, None)[:5]
    if offset:
        zone = _offset(offset)
    micro = int(f"{part or 0:0<6}"[:6])
    if hour == "24" and not int(minute or 0) and not int(seconds or 0) and not micro:
        return day.replace(tzinfo=zone) + timedelta(days=1)
    return day.replace(
        hour=int(hour or 0), minute=int(minute or 0), second=int(seconds or 0), microsecond=micro, tzinfo=zone
    )


def _offset(text: str) -> tzinfo:
    if text.endswith("Z"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


@dataclass
class _Free:
    """What was found so far in a free text. Raises ValueError where it is no date."""

    days: list[int] = field(default_factory=list)
    clock: list[int] = field(default_factory=list)
    micro: int = 0
    month: int | None = None
    half: int | None = None
    """Hours to add to one of twelve: 0 for a.m., 12 for p.m."""
    zone: tzinfo | None = None

    def read(self, text: str, zone: tzinfo | None) -> datetime:
        tokens = [(found.lastindex, found[0]) for found in _TOKEN.finditer(_without_brackets(text))]
        tokens += [(0, "")] * 2
        place = 0
        while tokens[place][0]:
            kind, token = tokens[place]
            place += 1
            if kind == 1:
                place = self._number(token, tokens, place)
            elif kind == 2:
                self._word(token.lower(), before_number=tokens[place][0] == 1)
                place += self.month is not None and tokens[place][1] == "-"
            elif token in ("+", "-") and (self.zone is not None or self.clock) and tokens[place][0] == 1:
                place = self._zone(token, tokens, place)
            elif token in ("+", "-", ")") and (self.days or self.clock):
                raise ValueError
        return self._moment(zone)

    def _number(self, token: str, tokens: list[tuple[int | None, str]], place: int) -> int:
        number, after = int(token[:9]), tokens[place][1]
        open_clock = bool(self.clock) and tokens[place - 2][1] == ":" and number < 60
        if after == ":" and len(self.clock) < 3:
            self.clock.append(number)
            return place + 1
        if not open_clock:
            self.days.append(number)
            if len(self.days) > 3:
                raise ValueError
            return place + (after == "-")
        self.clock.append(number)
        if after == "." and tokens[place + 1][0] == 1:
            self.micro = int(tokens[place + 1][1][:6].ljust(6, "0"))
            return place + 2
        if after and not (after.isspace() or after in ("+", "-") or after.lower() in _ZONES):
            # "10:30pm" is nothing to V8.
            raise ValueError
        return place

    def _word(self, word: str, *, before_number: bool) -> None:
        if word in ("am", "pm") and self.clock:
            self.half = 12 if word == "pm" else 0
        elif word[:3] in _MONTHS:
            self.month = _MONTHS.index(word[:3]) + 1
        elif word in _ZONES and (self.days or self.clock):
            self.zone = timezone(timedelta(hours=_ZONES[word]))
        elif self.days or self.clock or before_number:
            raise ValueError

    def _zone(self, sign: str, tokens: list[tuple[int | None, str]], place: int) -> int:
        digits, place = tokens[place][1], place + 1
        hours, minutes = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])
        if len(digits) < 3 and tokens[place][1] == ":" and tokens[place + 1][0] == 1:
            minutes, place = tokens[place + 1][1], place + 2
        span = timedelta(hours=int(hours[:4]), minutes=int(minutes[:4]))
        self.zone = timezone(-span if sign == "-" else span)
        return place

    def _moment(self, zone: tzinfo | None) -> datetime:
        if not self.days:
            raise ValueError
        first, second, third = (*self.days, 1, 1)[:3]
        if self.month is not None:
            year, month, day = (second, self.month, first) if 1 <= first <= 31 else (first, self.month, second)
        elif 1 <= first <= 31:
            year, month, day = third, first, second
        else:
            year, month, day = first, second, third
        year += 2000 if year < 50 else 1900 if year < 100 else 0
        hour, minute, seconds = (*self.clock, 0, 0, 0)[:3]
        if self.half is not None:
            if not 0 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + self.half
        if not 1 <= day <= 31:
            raise ValueError
        if hour == 24 and not (minute or seconds or self.micro):
            hour, day = 0, day + 1
        start = datetime(year, month, 1, hour, minute, seconds, self.micro, self.zone or zone)
        return start + timedelta(days=day - 1)


def _without_brackets(text: str) -> str:
    parts, depth = [], 0
    for letter in text:
        depth += letter == "("
        if not depth:
            parts.append(letter)
        depth -= letter == ")" and depth > 0
    return "".join(parts)
