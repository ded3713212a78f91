"""What was read is kept by its content."""

from chalicelib.stores.kept import Kept


def test_a_thing_is_read_once() -> None:
    kept: Kept[list[int]] = Kept(sizes_most=10)
    first = kept.get("a", lambda: ([1], 4))
    assert kept.get("a", lambda: ([2], 4)) is first


def test_what_was_not_used_for_longest_goes_first() -> None:
    kept: Kept[list[int]] = Kept(sizes_most=10)
    a, b = kept.get("a", lambda: ([1], 4)), kept.get("b", lambda: ([2], 4))
    kept.get("a", lambda: ([0], 4))
    kept.get("c", lambda: ([3], 4))
    assert kept.get("a", lambda: ([0], 4)) is a
    assert kept.get("b", lambda: ([0], 4)) is not b


def test_what_is_too_large_is_not_kept() -> None:
    kept: Kept[list[int]] = Kept(sizes_most=10)
    assert kept.get("a", lambda: ([1], 11)) == [1]
    assert kept.get("a", lambda: ([2], 11)) == [2]
