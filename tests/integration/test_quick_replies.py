"""Quick replies through the REST doors."""

import pytest

from tests.support.people import Api

FILE = {
    "version": 2,
    "name": "Tavern",
    "disableSend": False,
    "placeBeforeInput": False,
    "injectInput": False,
    "color": "rgba(0,0,0,0)",
    "onlyBorderColor": False,
    "idIndex": 2,
    "qrList": [
        {"id": 1, "label": "Order", "title": "", "message": "*orders an ale*", "contextList": [], "odd": True},
        {"id": 2, "label": "Roll", "message": "/roll 2d6 | /echo", "executeOnAi": True, "isHidden": False},
    ],
}


def test_a_set_from_a_file_is_kept_whole_and_waits_for_a_word(api: Api) -> None:
    ada = api.sign_up("ada")
    taken = ada.post("/quick-replies/import", {"file": FILE}).json
    assert (taken["name"], taken["allowed"], taken["shown"]) == ("Tavern", None, True)
    told = [(one["label"], one["is_script"], one["by_itself"]) for one in taken["replies"]]
    assert told == [("Order", False, False), ("Roll", True, True)]
    place = f"/quick-replies/{taken['id']}"
    assert ada.get(f"{place}/file").json == {"filename": "Tavern.json", "file": FILE}
    said = ada.patch(place, {"revision": 1, "allowed": True}).json
    assert (said["allowed"], said["revision"]) == (True, 2)
    assert ada.get(f"{place}/file").json["file"] == FILE


def test_changes_go_into_the_file_and_leave_the_rest_of_it(api: Api) -> None:
    ada = api.sign_up("ada")
    taken = ada.post("/quick-replies/import", {"file": FILE}).json
    order, roll = taken["replies"]
    replies = [roll, {"label": "New", "message": "Hm."}, order | {"message": "*orders two*"}]
    ada.patch(f"/quick-replies/{taken['id']}", {"revision": 1, "replies": replies, "only_insert": True})
    file = ada.get(f"/quick-replies/{taken['id']}/file").json["file"]
    assert (file["disableSend"], file["idIndex"], file["color"]) == (True, 3, "rgba(0,0,0,0)")
    assert [one["id"] for one in file["qrList"]] == [2, 3, 1]
    assert file["qrList"][0] == FILE["qrList"][1]  # type: ignore[index]
    assert (file["qrList"][2]["message"], file["qrList"][2]["odd"]) == ("*orders two*", True)


def test_slots_of_the_first_version_are_read(api: Api) -> None:
    ada = api.sign_up("ada")
    old = {"name": "Old", "quickReplySlots": [{"mes": "Hello.", "label": "Greet"}], "placeBeforeInputEnabled": True}
    taken = ada.post("/quick-replies/import", {"file": old}).json
    assert [(one["label"], one["message"]) for one in taken["replies"]] == [("Greet", "Hello.")]
    assert taken["before_input"] is True
    assert ada.get(f"/quick-replies/{taken['id']}/file").json["file"] == old


def test_a_set_of_ones_own_needs_nobodys_word(api: Api) -> None:
    ada = api.sign_up("ada")
    made = ada.post("/quick-replies", {"name": "Mine", "replies": [{"label": "Hi", "message": "Hi."}]}).json
    assert (made["allowed"], made["replies"][0]["id"]) == (True, 1)
    assert ada.delete(f"/quick-replies/{made['id']}").status == 204
    assert ada.get("/quick-replies").json["items"] == []


def test_a_stale_change_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    made = ada.post("/quick-replies", {"name": "Mine"}).json
    ada.patch(f"/quick-replies/{made['id']}", {"revision": 1, "name": "Two"})
    stale = ada.patch(f"/quick-replies/{made['id']}", {"revision": 1, "name": "Three"})
    assert (stale.status, stale.json["error"]["theirs"]["name"]) == (409, "Two")


@pytest.mark.parametrize("file", [{}, {"qrList": "no"}, {"entries": {}}])
def test_a_file_of_something_else_is_refused(api: Api, file: dict[str, object]) -> None:
    assert api.sign_up("ada").post("/quick-replies/import", {"file": file}).status == 422
