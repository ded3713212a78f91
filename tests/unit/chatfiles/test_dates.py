"""Times as SillyTavern has written them."""

from datetime import UTC, datetime

import pytest

from chalicelib.chatfiles.dates import read_date, write_date


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-06-01T15:04:05.678Z", datetime(2024, 6, 1, 15, 4, 5, 678_000, UTC)),
        ("2024-06-01T17:04:05+02:00", datetime(2024, 6, 1, 15, 4, 5, 0, UTC)),
        ("June 1, 2024 3:04pm", datetime(2024, 6, 1, 15, 4, 0, 0, UTC)),
        ("December 31, 2023 12:00am", datetime(2023, 12, 31, 0, 0, 0, 0, UTC)),
        ("2024-6-1@15h04m05s", datetime(2024, 6, 1, 15, 4, 5, 0, UTC)),
        ("2024-6-1 @15h 4m 5s 67ms", datetime(2024, 6, 1, 15, 4, 5, 67_000, UTC)),
        (1_717_254_245_678, datetime(2024, 6, 1, 15, 4, 5, 678_000, UTC)),
        (1_717_254_245, datetime(2024, 6, 1, 15, 4, 5, 0, UTC)),
    ],
)
def test_every_way_of_writing_a_time_is_understood(written: object, moment: datetime):
    assert read_date(written) == moment


@pytest.mark.parametrize(
    "written", ["", "yesterday", "Juny 1, 2024 3:04pm", "2024-13-1@15h04m05s", 1e300, True, None, []]
)
def test_what_names_no_time_is_none(written: object):
    assert read_date(written) is None


def test_times_are_written_as_javascript_does():
    assert write_date(datetime(2024, 6, 1, 15, 4, 5, 678_000, UTC)) == "2024-06-01T15:04:05.678Z"


def test_what_milliseconds_would_lose_is_written_in_full():
    assert write_date(datetime(2024, 6, 1, 15, 4, 5, 678_901, UTC)) == "2024-06-01T15:04:05.678901Z"
