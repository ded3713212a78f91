"""Those who run the place: roles, bans, invitations, links, by REST and by the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import environment_of, main
from tests.support.people import PASSWORD, Answer, Api, ApiUser
from tests.support.world import Aws, World, world_on

ENVIRONMENT = "export AWS_EC2_METADATA_DISABLED=true\nexport TAVERN_PUBLIC_URL='http://a b'\n"


@pytest.fixture(autouse=True)
def deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command asks for a deployment; the container of the test's world stands in for it."""
    monkeypatch.setenv("TAVERN_STAGE", "local")


def tavern(*words: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 0, result.output
    return result.stdout


def sign_in(name: str) -> ApiUser:
    return ApiUser(Api().post("/auth/sign-in", {"email": f"{name}@example.org", "password": PASSWORD}))


def admin(api: Api, name: str = "root") -> ApiUser:
    api.sign_up(name)
    tavern("users", "admin", f"{name}@example.org")
    return sign_in(name)


def invited(code: str | None) -> Answer:
    body = {"name": "Grace", "email": "grace@example.org", "password": PASSWORD, "invitation": code}
    return Api().post("/auth/sign-up", body)


def test_the_first_admin_is_made_on_the_command_line(api: Api) -> None:
    root = admin(api)
    assert root.account["role"] == "admin"
    assert "root@example.org" in tavern("users", "list")


def test_the_command_line_says_who_is_unknown(api: Api) -> None:
    result = CliRunner().invoke(main, ["users", "admin", "nobody@example.org"])
    assert result.exit_code == 1
    assert "Nobody here has the address" in result.output


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/admin/users", None),
        ("PATCH", "/admin/users/x", {"banned": True}),
        ("POST", "/admin/users/x/reset-link", {}),
        ("GET", "/admin/invitations", None),
        ("POST", "/admin/invitations", {}),
    ],
)
def test_users_are_kept_out_of_the_back_office(api: Api, method: str, path: str, body: object) -> None:
    ada = api.sign_up("ada")
    assert ada.request(method, path, json_body=body).status == 403
    assert api.request(method, path, json_body=body).status == 401


def test_an_admin_lists_everybody_page_by_page(api: Api) -> None:
    root = admin(api)
    for name in ("ada", "bob"):
        api.sign_up(name)
    first = root.get("/admin/users", limit=2).json
    rest = root.get("/admin/users", limit=2, cursor=first["next"]).json
    assert [account["name"] for account in first["items"] + rest["items"]] == ["bob", "ada", "root"]
    assert rest["next"] is None


def test_a_ban_ends_every_session_at_once(api: Api) -> None:
    root = admin(api)
    ada = api.sign_up("ada")
    assert root.patch(f"/admin/users/{ada.id}", {"banned": True}).json["banned"] is True
    assert ada.get("/account").status == 401
    refused = api.post("/auth/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert (refused.status, refused.code) == (401, "banned")
    root.patch(f"/admin/users/{ada.id}", {"banned": False})
    assert sign_in("ada").get("/account").status == 200


def test_a_moderator_bans_users_but_neither_admins_nor_gives_roles(api: Api) -> None:
    root = admin(api)
    api.sign_up("mod")
    ada = api.sign_up("ada")
    tavern("users", "role", "mod@example.org", "moderator")
    mod = sign_in("mod")
    assert mod.patch(f"/admin/users/{ada.id}", {"banned": True}).status == 200
    assert mod.patch(f"/admin/users/{root.id}", {"banned": True}).status == 403
    assert mod.patch(f"/admin/users/{ada.id}", {"role": "admin"}).status == 403


def test_nobody_changes_their_own_standing(api: Api) -> None:
    root = admin(api)
    assert root.patch(f"/admin/users/{root.id}", {"role": "user"}).status == 403


def test_an_admin_hands_out_a_link_for_a_new_password(api: Api) -> None:
    root = admin(api)
    ada = api.sign_up("ada")
    link = root.post(f"/admin/users/{ada.id}/reset-link")
    assert link.status == 201
    assert "/reset-password#token=" in link.json["url"]
    assert "/reset-password#token=" in tavern("users", "reset-link", "ada@example.org")
    assert root.post("/admin/users/nobody/reset-link").status == 404


def test_where_sign_up_is_closed_nobody_signs_up(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(sign_up="closed")):
        assert (invited(None).status, invited(None).code) == (403, "sign_up_closed")


def test_an_invitation_lets_one_person_in(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(sign_up="invitation")):
        assert invited(None).code == "invitation_needed"
        assert invited("guessed").status == 403
        code = tavern("users", "invite").strip()
        assert invited(code).status == 201
        second = {"name": "Eve", "email": "eve@example.org", "password": PASSWORD, "invitation": code}
        assert Api().post("/auth/sign-up", second).status == 403


def test_an_invitation_expires(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(sign_up="invitation")) as world:
        code = tavern("users", "invite", "--days", "1").strip()
        world.clock.advance(hours=25)
        assert invited(code).status == 403


def test_invitations_are_listed_with_who_used_them(api: Api, world: World) -> None:
    root = admin(api)
    code = root.post("/admin/invitations", {"days": 3}).json["code"]
    listed = root.get("/admin/invitations").json["items"]
    assert [(item["code"], item["used_by"]) for item in listed] == [(code, None)]


def test_without_variables_the_command_looks_for_what_runs_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TAVERN_STAGE")
    result = CliRunner().invoke(main, ["--data", str(tmp_path), "users", "list"])
    assert result.exit_code == 1
    assert "Nothing runs here" in result.output


def test_what_make_run_left_is_read(tmp_path: Path) -> None:
    (tmp_path / "environment").write_text(ENVIRONMENT)
    assert environment_of(tmp_path / "environment")["TAVERN_PUBLIC_URL"] == "http://a b"


def test_help_needs_nothing_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TAVERN_STAGE", raising=False)
    told = CliRunner().invoke(main, ["--data", str(tmp_path), "users", "--help"])
    assert told.exit_code == 0
    assert "reset-link" in told.output
