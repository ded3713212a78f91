"""Files of worlds, from SillyTavern and others, and the book of a card."""

from typing import Any

import pytest

from chalicelib.errors import InvalidWorld
from chalicelib.models.cards import Book
from chalicelib.presetfiles.lorebooks import (
    book_of_world,
    entries_of_book,
    light,
    new_entry,
    read_lorebook,
    write_world,
)


def only(file: dict[str, Any]) -> dict[str, Any]:
    (entry,) = read_lorebook(file).entries
    return entry


def test_sillytaverns_own_form_is_kept_as_it_is() -> None:
    entry = {"uid": 3, "key": ["a"], "strange": [None, {"x": 1}]}
    file = {"entries": {"3": entry}, "originalData": {"name": "x"}, "extensions": {}}
    read = read_lorebook(file)
    assert write_world(read.entries, read.rest) == file


def test_entries_come_in_the_order_of_their_numbers() -> None:
    entries = {str(uid): {"uid": uid} for uid in (10, 9, 2)}
    assert [one["uid"] for one in read_lorebook({"entries": entries}).entries] == [2, 9, 10]


def test_entries_without_a_number_of_their_own_get_one() -> None:
    entries = {"a": {"uid": 1}, "b": {"uid": 1}, "c": {}, "d": {"uid": -1}, "e": {"uid": "2"}, "f": {"uid": True}}
    uids = [one["uid"] for one in read_lorebook({"entries": entries}).entries]
    assert uids == sorted(set(uids))
    assert len(uids) == 6


def test_an_entry_of_novelai() -> None:
    file = {
        "lorebookVersion": 5,
        "entries": [
            {
                "keys": ["sea"],
                "text": "Cold.",
                "displayName": "Sea",
                "enabled": False,
                "contextConfig": {"budgetPriority": 400},
            }
        ],
    }
    entry = only(file)
    assert (entry["key"], entry["content"], entry["comment"]) == (["sea"], "Cold.", "Sea")
    assert (entry["disable"], entry["order"], entry["uid"]) == (True, 400, 0)


def test_an_entry_of_agnai() -> None:
    file = {
        "kind": "memory",
        "name": "Book",
        "entries": [
            {"name": "Sea", "entry": "Cold.", "keywords": ["sea"], "priority": 1, "weight": 7, "enabled": True}
        ],
    }
    entry = only(file)
    assert (entry["key"], entry["content"], entry["order"], entry["disable"]) == (["sea"], "Cold.", 7, False)
    assert read_lorebook(file).name == "Book"


def test_an_entry_of_risu() -> None:
    given = {"key": "sea, lake", "secondkey": "cold", "comment": "Sea", "content": "Cold.", "alwaysActive": True}
    more = {"selective": True, "insertorder": 30, "activationPercent": 40, "useRegex": False, "folder": "Water"}
    entry = only({"type": "risu", "data": [given | more]})
    assert (entry["key"], entry["keysecondary"], entry["constant"]) == (["sea", "lake"], ["cold"], True)
    assert (entry["order"], entry["probability"], entry["folder"]) == (30, 40, "Water")


def test_the_book_of_a_card_becomes_a_world_and_a_book_again() -> None:
    given = {
        "name": "Coast",
        "scan_depth": 4,
        "extensions": {"own": 1},
        "entries": [
            {
                "id": 5,
                "keys": ["sea"],
                "content": "Cold.",
                "enabled": True,
                "insertion_order": 50,
                "priority": 3,
                "position": "after_char",
                "secondary_keys": ["a"],
                "extensions": {"depth": 2, "probability": 30, "chub": {"x": 1}, "display_index": 9},
            }
        ],
    }
    read = read_lorebook({"spec": "chara_card_v2", "data": {"character_book": given}})
    (entry,) = read.entries
    assert (entry["uid"], entry["depth"], entry["probability"], entry["displayIndex"]) == (5, 2, 30, 9)
    assert (entry["position"], entry["extensions"]) == (1, {"chub": {"x": 1}})
    back = book_of_world(read.entries, name="Coast", rest=read.rest).model_dump(exclude_unset=True)
    (again,) = back.pop("entries")
    assert back == {"name": "Coast", "scan_depth": 4, "extensions": {"own": 1}}
    came = given["entries"][0]  # type: ignore[index]
    assert {key: again[key] for key in came if key != "extensions"} == {
        key: value
        for key, value in came.items()
        if key != "extensions"  # type: ignore[union-attr,attr-defined]
    }
    assert again["extensions"].items() >= {"depth": 2, "probability": 30, "chub": {"x": 1}, "display_index": 9}.items()


def test_a_book_alone_is_read_too() -> None:
    book = {"spec": "lorebook_v3", "data": {"name": "B", "entries": [{"keys": ["x"], "content": "y", "enabled": True}]}}
    assert read_lorebook(book).entries[0]["key"] == ["x"]
    assert entries_of_book(Book.model_validate(book["data"])) == read_lorebook(book).entries


def test_a_light_entry_says_what_is_unusual() -> None:
    assert light(new_entry({"order": 3, "content": "abc", "mine": 0}), 2) == {
        "addMemo": True,
        "order": 3,
        "content": "ab",
        "mine": 0,
    }


def test_a_light_entry_tells_where_the_whole_one_is_silent_about_what_is_not_usual_then() -> None:
    assert light({"uid": 1, "comment": "Lamp", "position": 0, "probability": 40}, 9) == {
        "comment": "Lamp",
        "probability": 40,
        "selective": None,
        "useProbability": None,
    }


@pytest.mark.parametrize("given", [None, [], {}, {"entries": None}, {"data": {"character_book": {"entries": 3}}}])
def test_other_files_are_refused(given: Any) -> None:
    with pytest.raises(InvalidWorld):
        read_lorebook(given)
