"""Which place of a data folder an address in a message means."""

import pytest

from chalicelib.moving.gallery import is_of_chats, places_of


@pytest.mark.parametrize(
    "address",
    ["/user/images/Maren/a.png", "user/images/Maren/a.png", "user\\images\\Maren\\a.png"],
)
def test_an_address_names_a_place_of_the_folder(address: str):
    assert places_of(address) == ["user/images/Maren/a.png"]


def test_an_escaped_address_may_mean_two_places():
    assert places_of("/user/images/Maren%20B/a.png?t=1") == [
        "user/images/Maren%20B/a.png?t=1",
        "user/images/Maren B/a.png",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/user/images/a.png",
        "//example.org/user/images/a.png",
        "data:image/png;base64,AA",
        "http://[broken",
        "/x.png",
        "user/images/",
        "",
    ],
)
def test_an_address_of_elsewhere_means_none(address: str):
    assert places_of(address) == []


@pytest.mark.parametrize(
    ("place", "expected"),
    [("user/images/a.png", True), ("user/files/a.txt", True), ("user/other/a.png", False), ("images/a.png", False)],
)
def test_what_messages_may_show_lies_in_three_folders(place: str, expected: bool):
    assert is_of_chats(place) is expected
