"""Dates in free words, as SillyTavern reads them in a browser."""

from datetime import UTC, datetime

import pytest

from chalicelib.prompting.macros.dates import read_date


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2024-05-17", "2024-05-17T00:00"),
        ("2024-05-17T14:30:15.25+02:00", "2024-05-17T12:30:15.250"),
        ("2024-05-17T24:00", "2024-05-18T00:00"),
        ("2024-W20-5 14:30", "2024-05-17T14:30"),
        ("2024-138", "2024-05-17T00:00"),
        ("20240517", "2024-05-17T00:00"),
        ("2024-05", "2024-05-01T00:00"),
        ("2024", "2024-01-01T00:00"),
        ("May 17, 2024 2:30 PM", "2024-05-17T14:30"),
        ("17 may 2024 12:05 am", "2024-05-17T00:05"),
        ("Fri, 17 May 2024 14:30:00 GMT", "2024-05-17T14:30"),
        ("May 17 2024 14:30 -0530", "2024-05-17T20:00"),
        ("May 17 2024 14:30 EST", "2024-05-17T19:30"),
        ("5/17/2024", "2024-05-17T00:00"),
        ("2024/5/17 9:05", "2024-05-17T09:05"),
        ("5/17/24", "2024-05-17T00:00"),
        ("5/17/50", "1950-05-17T00:00"),
        ("May 17", "2001-05-17T00:00"),
        ("May 2024", "2024-05-01T00:00"),
        ("February 30 2024", "2024-03-01T00:00"),
        ("on (a Friday) May 17 2024", "2024-05-17T00:00"),
    ],
)
def test_a_date_is_read(text: str, read: str) -> None:
    assert read_date(text, UTC) == datetime.fromisoformat(read).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "Friday", "14:30", "2024-02-30", "17.05.2024", "May 17 2024 Friday", "17th May 2024", "-"),
        *("May 17 2024 25:00", "2:30PM May 17 2024", "2024年5月17日", "1 2 3 4", "1" * 300, "2024-000"),
        "May 17 2024 13:00 PM",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text, UTC) is None
