"""What counts as lost, doubled and out of order: a benchmark that cannot see a fault proves nothing."""

import pytest

from benchmarks.tokens import Arrivals, Tally, spread


@pytest.mark.parametrize(
    ("came", "lost", "repeated", "disordered"),
    [
        ([0, 1, 2, 3], 0, 0, 0),
        ([0, 1, 3], 1, 0, 0),
        ([0, 1], 2, 0, 0),
        ([], 4, 0, 0),
        ([0, 1, 1, 2, 3], 0, 1, 0),
        ([0, 2, 1, 3], 0, 0, 1),
        ([0, 3, 1], 1, 0, 1),
        ([0, 1, 2, 3, 0, 1, 2, 3], 0, 4, 0),
    ],
)
def test_every_token_of_four_is_accounted_for(came: list[int], lost: int, repeated: int, disordered: int) -> None:
    tally = Tally(Arrivals())
    tally.feed(" ".join(f"~{seq}:1~" if seq else "~0:1:1~" for seq in came).encode())
    assert (tally.lost(4), tally.repeated, tally.disordered) == (lost, repeated, disordered)


def test_a_token_is_found_wherever_its_bytes_are_cut() -> None:
    data = b"~0:100:90~xx ~1:200~xx ~2:300~xx"
    for cut in range(len(data)):
        arrivals = Arrivals()
        tally = Tally(arrivals)
        tally.feed(data[:cut], 1000)
        tally.feed(data[cut:], 1000)
        assert (tally.seen, tally.lost(3), list(arrivals.in_flight)) == (3, 0, [900, 800, 700])


def test_the_models_own_delay_is_not_in_the_added_time_to_the_first_token() -> None:
    tally = Tally(Arrivals())
    tally.sent_ns = 1_000
    tally.feed(b"~0:900000:3000~", 905_000)
    assert tally.took_ns == 2_000 + 5_000


def test_a_reply_that_begins_anew_is_not_doubled() -> None:
    tally = Tally(Arrivals())
    tally.feed(b"~0:1:1~ ~1:1~")
    tally.restart()
    tally.feed(b"~0:1:1~ ~1:1~ ~2:1~")
    assert (tally.lost(3), tally.repeated, tally.disordered) == (0, 0, 0)


def test_a_spread_of_nothing_is_empty() -> None:
    assert spread([]) == {}
    assert spread([3.0, 1.0, 2.0]) == {"p50": 2.0, "p95": 3.0, "p99": 3.0, "most": 3.0}
