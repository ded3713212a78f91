"""Times as SillyTavern has written them over the years. Those without a zone are taken as UTC."""

import re
from datetime import UTC, datetime

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_SPOKEN = re.compile(r"([A-Za-z]+) (\d{1,2}), (\d{4}) (\d{1,2}):(\d{2}) ?([ap]m)", re.IGNORECASE)
_HUMANISED = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2}) ?@ ?(\d{1,2})h ?(\d{1,2})m ?(\d{1,2})s(?: ?(\d{1,3})ms)?")
_MILLISECONDS_FROM = 10**11


def read_date(value: object) -> datetime | None:
    """The moment a `send_date` names: ISO, `June 1, 2024 3:04pm`, `2024-6-1@15h04m05s`, or seconds or milliseconds.

    None when it names none.
    """
    try:
        match value:
            case bool():
                return None
            case int() | float():
                return datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS_FROM else value, UTC)
            case str():
                return _spoken(value) or _humanised(value) or _iso(value)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def write_date(moment: datetime) -> str:
    """ISO 8601 as JavaScript writes it; with six digits where milliseconds would lose something."""
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=digits).replace("+00:00", "Z")


def _iso(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _spoken(text: str) -> datetime | None:
    parts = _SPOKEN.fullmatch(text.strip())
    if parts is None or parts[1].lower() not in _MONTHS:
        return None
    hour = int(parts[4]) % 12 + (12 if parts[6].lower() == "pm" else 0)
    month = _MONTHS.index(parts[1].lower()) + 1
    return datetime(int(parts[3]), month, int(parts[2]), hour, int(parts[5]), tzinfo=UTC)


def _humanised(text: str) -> datetime | None:
    parts = _HUMANISED.fullmatch(text.strip())
    if parts is None:
        return None
    year, month, day, hour, minute, second = (int(parts[place]) for place in range(1, 7))
    return datetime(year, month, day, hour, minute, second, int(parts[7] or 0) * 1000, tzinfo=UTC)
