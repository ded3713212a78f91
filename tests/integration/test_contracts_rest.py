"""What the REST doors promise in docs/openapi.json and schema.ts, and what their routing does."""

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel, create_model

from chalicelib.entrypoints.rest.door import Route
from chalicelib.entrypoints.rest.doors import all_doors
from cli.asyncapi import DOWN, UP, asyncapi
from cli.openapi import openapi
from cli.typescript import schema_ts
from tests.support.people import Api

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    return openapi(all_doors(), version="0")


def test_the_document_is_openapi_and_all_its_references_lead_somewhere(document: dict[str, object]) -> None:
    assert str(document["openapi"]).startswith("3.1")
    text = json.dumps(document)
    for reference in {part.partition('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        found: object = document
        for step in reference.split("/"):
            assert isinstance(found, dict)
            found = found[step]


def test_every_schema_of_the_document_is_one(document: dict[str, object]) -> None:
    schemas = document["components"]["schemas"]  # type: ignore[index]
    assert {name: error for name, schema in schemas.items() if (error := _wrong_with(schema))} == {}


def test_every_door_that_wants_a_user_says_so(document: dict[str, object]) -> None:
    for door in all_doors():
        operation = document["paths"][door.path][door.method.lower()]  # type: ignore[index]
        if door.area != "auth":
            assert operation["security"] == [{"access_token": []}], door.path


def test_every_frame_has_its_schema_and_message() -> None:
    found = asyncapi(version="0")
    names = {frame.__name__ for frame in (*UP, *DOWN)}
    assert set(found["components"]["messages"]) == names
    assert {name: error for name in names if (error := _wrong_with(found["components"]["schemas"][name]))} == {}


def test_frames_that_go_down_may_lack_what_is_null() -> None:
    piece = asyncapi(version="0")["components"]["schemas"]["Piece"]
    assert piece["required"] == ["type", "g", "n"]


@pytest.mark.parametrize(
    "line",
    [
        "export type Role = 'user' | 'moderator' | 'admin'",
        "export interface Page<T> {",
        "  items: T[]",
        "  next: string | null",
        "export type UpFrame = Hello | Follow | Unfollow | Resume | Stop | Ping",
        "  'PATCH /account': { query: void; body: AccountChange; answer: Account }",
        "  'GET /characters': { query: CharacterQuery; body: void; answer: Page<CharacterSummary> }",
    ],
)
def test_the_web_clients_types_follow_the_models(line: str) -> None:
    assert line in schema_ts(all_doors()).splitlines()


def test_the_role_of_a_text_is_not_the_role_of_an_account() -> None:
    text = schema_ts(all_doors())
    for model, role in (("ContextTemplate", "MessageRole"), ("PromptMessage", "MessageRole"), ("Account", "Role")):
        inside = text.partition(f"export interface {model} {{")[2].partition("\n}")[0]
        assert f"  role: {role}\n" in inside, model


def test_two_types_of_one_name_are_refused() -> None:
    def answers_with(model: type[BaseModel]) -> Route:
        def ask() -> BaseModel: ...

        ask.__annotations__["return"] = model
        return Route("odd", "GET", f"/{id(model)}", ask, 200, (), 0, None)

    one, other = create_model("Twin", here=(int, ...)), create_model("Twin", there=(str, ...))
    with pytest.raises(TypeError, match="two different types are called Twin"):
        schema_ts((answers_with(one), answers_with(other)))


def test_what_is_asked_may_leave_out_defaults_and_what_is_answered_has_all() -> None:
    text = schema_ts(all_doors())
    assert (
        "export interface SignUp {\n  name: string\n  email: string\n  password: string\n  invitation?: string" in text
    )
    assert "  choices: Choices\n" in text


def test_what_never_leaves_the_server_is_in_no_contract(document: dict[str, object]) -> None:
    assert "password_hash" not in json.dumps(document) + schema_ts(all_doors())


def test_answers_are_not_kept_by_caches_and_carry_an_id(api: Api) -> None:
    answer = api.get("/auth/options")
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.headers["x-correlation-id"]) >= 16


def test_the_options_of_signing_in_are_public(api: Api) -> None:
    assert api.get("/auth/options").json == {
        "sign_up": "open",
        "oidc_issuer": None,
        "oidc_client_id": None,
        "oidc_authorization_url": None,
        "reset_by_mail": False,
    }


def test_an_unknown_query_is_refused_with_its_name(api: Api) -> None:
    answer = api.get("/auth/options", colour="red")
    assert (answer.status, list(answer.json["error"]["fields"])) == (422, ["colour"])


def _wrong_with(schema: object) -> str:
    """What the meta-schema has against a schema; empty when it is one."""
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        return str(error.message)
    return ""
