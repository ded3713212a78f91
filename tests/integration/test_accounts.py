"""Accounts through the REST doors: signing up, in and out, and what belongs to a person."""

import pytest

from tests.support.people import PASSWORD, Answer, Api, ApiUser
from tests.support.world import Aws, World, world_on

NEW_PASSWORD = "another long password"


def cookie(answer: Answer) -> dict[str, str]:
    """The refresh cookie an answer set, as the next request sends it back."""
    line = answer.headers["set-cookie"][0]
    return {"cookie": line.partition(";")[0]}


def sign_in(api: Api, name: str = "ada", password: str = PASSWORD) -> Answer:
    return api.post("/auth/sign-in", {"email": f"{name}@example.org", "password": password})


def test_who_signs_up_is_signed_in(api: Api) -> None:
    ada = api.sign_up("ada")
    account = ada.get("/account").json
    assert account["name"] == "ada"
    assert account["role"] == "user"
    assert "password" not in str(account)


def test_an_address_is_taken_once_whatever_its_case(api: Api) -> None:
    api.sign_up("ada")
    again = api.post("/auth/sign-up", {"name": "Eve", "email": "ADA@Example.org", "password": PASSWORD})
    assert (again.status, again.code) == (409, "address_taken")


def test_signing_in_takes_the_right_password(api: Api) -> None:
    api.sign_up("ada")
    assert sign_in(api).status == 200
    wrong = sign_in(api, password="not the password")
    nobody = sign_in(api, name="nobody")
    assert wrong.status == nobody.status == 401
    assert wrong.json == nobody.json


def test_the_refresh_cookie_is_out_of_reach_for_scripts_and_other_sites(api: Api) -> None:
    api.sign_up("ada")
    line = sign_in(api).headers["set-cookie"][0]
    assert "HttpOnly" in line
    assert "SameSite=Strict" in line
    assert "Path=/api/auth" in line


def test_the_refresh_cookie_is_secure_where_the_page_is(aws: Aws) -> None:
    aws.wipe()
    with world_on(aws.settings(public_url="https://tavern.example")):
        Api().sign_up("ada")
        assert "Secure" in sign_in(Api()).headers["set-cookie"][0]


def test_a_refresh_gives_a_new_pair(api: Api) -> None:
    api.sign_up("ada")
    first = cookie(sign_in(api))
    renewed = api.post("/auth/refresh", headers=first)
    assert renewed.status == 200
    assert cookie(renewed) != first
    assert ApiUser(renewed).get("/account").status == 200


def test_two_tabs_that_refresh_at_once_get_the_same_pair(api: Api, world: World) -> None:
    api.sign_up("ada")
    first = cookie(sign_in(api))
    one = api.post("/auth/refresh", headers=first)
    world.clock.advance(seconds=20)
    two = api.post("/auth/refresh", headers=first)
    assert two.status == 200
    assert cookie(one) == cookie(two)
    assert api.post("/auth/refresh", headers=cookie(two)).status == 200


def test_a_refresh_token_used_again_later_ends_the_session(api: Api, world: World) -> None:
    api.sign_up("ada")
    first = cookie(sign_in(api))
    second = cookie(api.post("/auth/refresh", headers=first))
    world.clock.advance(seconds=31)
    stolen = api.post("/auth/refresh", headers=first)
    assert (stolen.status, stolen.code) == (401, "token_reused")
    assert api.post("/auth/refresh", headers=second).status == 401


def test_a_refresh_token_two_generations_old_ends_the_session_at_once(api: Api) -> None:
    api.sign_up("ada")
    first = cookie(sign_in(api))
    second = cookie(api.post("/auth/refresh", headers=first))
    third = cookie(api.post("/auth/refresh", headers=second))
    assert api.post("/auth/refresh", headers=first).code == "token_reused"
    assert api.post("/auth/refresh", headers=third).code == "session_ended"


@pytest.mark.parametrize("token", ["", "x", "a.b.1.c", "a.b.x.c", "....", "é.b.1.c", "a.b.1.c" * 100])
def test_a_forged_refresh_token_is_refused(api: Api, token: str) -> None:
    answer = api.post("/auth/refresh", headers={"cookie": f"tavern_refresh={token}"})
    assert (answer.status, answer.code) == (401, "session_ended")


def test_an_access_token_lives_a_quarter_of_an_hour(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    world.clock.advance(minutes=14)
    assert ada.get("/account").status == 200
    world.clock.advance(minutes=2)
    expired = ada.get("/account")
    assert (expired.status, expired.code) == (401, "token_expired")


def test_signing_out_ends_the_session_at_once(api: Api) -> None:
    api.sign_up("ada")
    answer = sign_in(api)
    here = ApiUser(answer)
    assert here.get("/account").status == 200
    out = api.post("/auth/sign-out", headers=cookie(answer))
    assert out.status == 204
    assert "Max-Age=0" in out.headers["set-cookie"][0]
    assert here.get("/account").code == "session_ended"
    assert api.post("/auth/refresh", headers=cookie(answer)).status == 401


def test_signing_out_without_a_session_is_quiet(api: Api) -> None:
    assert api.post("/auth/sign-out").status == 204


def test_a_device_is_listed_and_can_be_signed_out_from_another(api: Api) -> None:
    ada = api.sign_up("ada")
    agent = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    phone = ApiUser(api.post("/auth/sign-in", {"email": "ada@example.org", "password": PASSWORD}, headers=agent))
    sessions = ada.get("/account/sessions").json
    assert [(s["device"], s["current"]) for s in sessions] == [("Firefox · Linux", False), ("", True)]
    assert ada.delete(f"/account/sessions/{sessions[0]['id']}").status == 204
    assert phone.get("/account").status == 401
    assert ada.delete(f"/account/sessions/{sessions[0]['id']}").status == 404


def test_a_new_password_signs_the_other_devices_out(api: Api) -> None:
    ada = api.sign_up("ada")
    other = ApiUser(sign_in(api))
    changed = ada.post("/account/password", {"current": PASSWORD, "new": NEW_PASSWORD})
    assert changed.status == 204
    assert other.get("/account").status == 401
    assert ada.get("/account").status == 200
    assert sign_in(api, password=NEW_PASSWORD).status == 200
    assert sign_in(api).status == 401


def test_a_new_password_takes_the_old_one(api: Api) -> None:
    ada = api.sign_up("ada")
    answer = ada.post("/account/password", {"current": "not the password", "new": NEW_PASSWORD})
    assert (answer.status, answer.code) == (403, "wrong_password")


def test_choices_are_changed_one_by_one_and_null_clears(api: Api) -> None:
    ada = api.sign_up("ada")
    ada.patch("/account", {"choices": {"theme": "dark", "connection_id": "c1"}})
    changed = ada.patch("/account", {"name": "Ada L.", "choices": {"connection_id": None}}).json
    assert changed["name"] == "Ada L."
    assert changed["choices"]["theme"] == "dark"
    assert changed["choices"]["connection_id"] is None


def test_a_link_of_the_operator_sets_a_new_password_once(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    token = world.container.accounts.reset_link(ada.id).url.partition("#token=")[2]
    done = api.post("/auth/password-reset/confirm", {"token": token, "password": NEW_PASSWORD})
    assert done.status == 204
    assert ada.get("/account").status == 401
    assert sign_in(api, password=NEW_PASSWORD).status == 200
    again = api.post("/auth/password-reset/confirm", {"token": token, "password": NEW_PASSWORD})
    assert (again.status, again.code) == (403, "link_invalid")


def test_a_link_expires(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    token = world.container.accounts.reset_link(ada.id).url.partition("#token=")[2]
    world.clock.advance(hours=25)
    late = api.post("/auth/password-reset/confirm", {"token": token, "password": NEW_PASSWORD})
    assert late.code == "link_invalid"


def test_asking_for_a_reset_tells_nobody_who_has_an_account(api: Api) -> None:
    api.sign_up("ada")
    known = api.post("/auth/password-reset", {"email": "ada@example.org"})
    unknown = api.post("/auth/password-reset", {"email": "nobody@example.org"})
    assert known.status == unknown.status == 204


def test_a_socket_ticket_is_good_once_and_for_a_minute(api: Api, world: World) -> None:
    from chalicelib.errors import Unauthenticated

    ada = api.sign_up("ada")
    issued = ada.post("/socket-tickets")
    assert issued.status == 201
    tickets = world.container.tickets
    user_id, role, session_id = tickets.redeem(issued.json["ticket"])
    assert (user_id, role) == (ada.id, "user")
    assert session_id == ada.get("/account/sessions").json[0]["id"]
    with pytest.raises(Unauthenticated):
        tickets.redeem(issued.json["ticket"])
    late = ada.post("/socket-tickets").json["ticket"]
    world.clock.advance(seconds=61)
    with pytest.raises(Unauthenticated):
        tickets.redeem(late)
