"""Templates of text completion through the REST doors."""

import pytest

from tests.support.people import Api, ApiUser

INSTRUCT = {
    "name": "Brackets",
    "input_sequence": "[U]",
    "output_sequence": "[C]",
    "names_behavior": "always",
    "wrap": False,
    "of_a_later_version": {"kept": True},
}
CONTEXT = {"name": "Short", "story_string": "{{#if system}}{{system}}\n{{/if}}{{description}}", "chat_start": "***"}


def test_a_template_file_is_kept_whole_and_its_changes_go_into_it(api: Api) -> None:
    ada = api.sign_up("ada")
    taken = ada.post("/templates/import", {"file": INSTRUCT}).json["items"]
    assert [(one["kind"], one["name"], one["instruct"]["names"]) for one in taken] == [
        ("instruct", "Brackets", "always")
    ]
    place = f"/templates/{taken[0]['id']}"
    assert ada.get(f"{place}/file").json == {"filename": "Brackets.json", "file": INSTRUCT}
    changed = ada.patch(place, {"revision": 1, "name": "Round", "instruct": {"input_sequence": "(U)"}}).json
    assert (changed["instruct"]["input_sequence"], changed["instruct"]["output_sequence"]) == ("(U)", "[C]")
    assert ada.get(f"{place}/file").json["file"] == {**INSTRUCT, "name": "Round", "input_sequence": "(U)"}


def test_an_export_of_several_is_taken_apart_and_put_together_again(api: Api) -> None:
    ada = api.sign_up("ada")
    master = {
        "instruct": INSTRUCT,
        "context": CONTEXT,
        "sysprompt": {"name": "Told", "content": "Tell it."},
        "reasoning": {"name": "Loud", "prefix": "<t>", "suffix": "</t>", "separator": "\n"},
        "preset": {"temp": 1, "rep_pen": 1.1},
    }
    taken = ada.post("/templates/import", {"file": master}).json
    assert [one["kind"] for one in taken["items"]] == ["instruct", "context", "system", "reasoning"]
    assert taken["left"] == ["preset"]
    back = ada.post("/templates/export", {"ids": [one["id"] for one in taken["items"]]}).json["file"]
    assert back == {name: part for name, part in master.items() if name != "preset"}


def test_two_of_a_kind_do_not_go_into_one_file(api: Api) -> None:
    ada = api.sign_up("ada")
    ids = [ada.post("/templates", {"name": name, "system": {"text": "x"}}).json["id"] for name in "ab"]
    assert ada.post("/templates/export", {"ids": ids}).status == 422


def test_one_that_is_made_here_has_a_file_too(api: Api) -> None:
    ada = api.sign_up("ada")
    made = ada.post("/templates", {"name": "Mine", "context": {"story_string": "{{system}}"}}).json
    assert (made["kind"], made["context"]["force_name"]) == ("context", True)
    file = ada.get(f"/templates/{made['id']}/file").json["file"]
    assert (file["name"], file["story_string"], file["always_force_name2"]) == ("Mine", "{{system}}", True)


def test_a_stale_change_shows_both(api: Api) -> None:
    ada = api.sign_up("ada")
    made = ada.post("/templates", {"name": "Mine", "system": {"text": "One."}}).json
    ada.patch(f"/templates/{made['id']}", {"revision": 1, "system": {"text": "Two."}})
    stale = ada.patch(f"/templates/{made['id']}", {"revision": 1, "system": {"text": "Three."}})
    assert (stale.status, stale.json["error"]["theirs"]["system"]["text"]) == (409, "Two.")


def test_the_same_request_sent_twice_makes_one(api: Api) -> None:
    ada = api.sign_up("ada")
    asked = {"name": "Mine", "system": {"text": "One."}}
    first, second = (ada.post("/templates", asked, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json == second.json
    assert len(ada.get("/templates").json["items"]) == 1


def test_a_list_can_be_of_one_kind(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.post("/templates", {"name": "A", "system": {"text": "x"}})
    ada.post("/templates", {"name": "B", "reasoning": {"prefix": "x"}})
    assert [one["name"] for one in ada.get("/templates", kind="reasoning").json["items"]] == ["B"]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"name": "x"},
        {"name": "", "system": {"text": "x"}},
        {"name": "x", "system": {"text": "x"}, "reasoning": {}},
        {"name": "x", "system": {"text": "x" * 400_001}},
        {"name": "x", "instruct": {"wrap": "yes"}},
    ],
)
def test_a_template_that_makes_no_sense_is_refused(api: Api, asked: dict[str, object]) -> None:
    assert api.sign_up("ada").post("/templates", asked).status == 422


@pytest.mark.parametrize("file", [{}, {"hello": 1}, {"entries": {}}, {"instruct": "no"}])
def test_a_file_of_something_else_is_refused_with_a_sentence(api: Api, file: dict[str, object]) -> None:
    refused = api.sign_up("ada").post("/templates/import", {"file": file})
    assert (refused.status, refused.code) == (422, "invalid")


def test_the_folder_says_what_an_odd_file_is(api: Api) -> None:
    ada = api.sign_up("ada")
    taken = ada.post("/templates/import", {"file": {"stop": 1}, "kind": "instruct", "name": "Odd"}).json["items"]
    assert [(one["kind"], one["name"]) for one in taken] == [("instruct", "Odd")]


def _preview(ada: ApiUser, **given: object) -> dict[str, object]:
    asked = {
        "character": "Tessa",
        "user": "Robin",
        "description": "A ferrywoman.",
        "lines": [
            {"role": "assistant", "name": "Tessa", "text": "Cold night."},
            {"role": "user", "name": "Robin", "text": "Take me over."},
        ],
    }
    return dict(ada.post("/templates/preview", asked | given).json)


def test_a_short_chat_shows_what_a_template_does_before_it_is_saved(api: Api) -> None:
    ada = api.sign_up("ada")
    marked = _preview(
        ada, instruct=INSTRUCT | {"names": "always"}, context=CONTEXT, system={"text": "You are {{char}}."}
    )
    assert marked["text"] == ("You are Tessa.\nA ferrywoman.***\n[C]Tessa: Cold night.[U]Robin: Take me over.[C]Tessa:")
    assert "[U]" in str(marked["stops"])
    assert str(_preview(ada)["text"]).endswith("Tessa: Cold night.\nRobin: Take me over.\nTessa:")
