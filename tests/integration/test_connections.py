"""Connections through the REST doors: keys that never come back, revisions, what is in use, trying out."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.clients.secrets import Secrets
from chalicelib.errors import NotFound, QuotaExceeded
from chalicelib.models.connections import NearbyServer, ProviderKind
from chalicelib.models.users import Account, Person, Role
from chalicelib.services.trials import Trials
from chalicelib.stores.bedrock import BedrockAllowance
from tests.support.people import Api
from tests.support.upstream import Upstream, upstream
from tests.support.world import World

KEY = "sk-verysecret-0123456789abcdef"
NEW = {"name": "Mine", "kind": "openai_chat", "address": "https://llm.example/v1/", "model": "tiny", "key": KEY}


class Signed(Api):
    """Somebody with a session; signing up, which takes its time, is tested elsewhere."""

    def __init__(self, world: World, name: str) -> None:
        account = Account(id=name, name=name, email=f"{name}@example.org", role=Role.user, created_at=world.clock.now())
        self.person = Person(account=account)
        opened = world.container.sessions.open(self.person, device="", address="127.0.0.1")
        self.id = name
        super().__init__({"authorization": f"Bearer {opened.access_token}"})


@pytest.fixture
def ada(world: World) -> Signed:
    return Signed(world, "ada")


@pytest.fixture
def server() -> Iterator[Upstream]:
    """A model service on a thread of its own: the doors are not async."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    manager = upstream()
    yield asyncio.run_coroutine_threadsafe(manager.__aenter__(), loop).result()
    asyncio.run_coroutine_threadsafe(manager.__aexit__(None, None, None), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def add(user: Signed, **fields: Any) -> dict[str, Any]:
    answer = user.post("/connections", NEW | fields)
    assert answer.status == 201, answer
    return answer.json


def test_a_connection_is_kept_without_showing_its_key(ada: Signed, world: World) -> None:
    kept = add(ada)
    assert kept["address"] == "https://llm.example/v1"
    assert (kept["has_key"], kept["key_hint"], kept["revision"]) == (True, "cdef", 1)
    listed = ada.get("/connections")
    assert [item["id"] for item in listed.json] == ["demo", kept["id"]]
    assert ada.get(f"/connections/{kept['id']}").json == kept
    assert KEY not in json.dumps(listed.json)
    assert KEY not in str(world.rows())


def test_the_key_opens_for_its_owner_only(ada: Signed, world: World) -> None:
    kept = add(ada)
    access = world.container.connections.access(ada.id, kept["id"])
    assert access.key is not None
    assert access.key.get_secret_value() == KEY
    assert KEY not in repr(access)
    bob = Signed(world, "bob")
    for answer in (
        bob.get(f"/connections/{kept['id']}"),
        bob.patch(f"/connections/{kept['id']}", {"revision": 1, "name": "x"}),
        bob.post(f"/connections/{kept['id']}/test"),
        bob.get(f"/connections/{kept['id']}/models"),
    ):
        assert (answer.status, answer.code) == (404, "not_found")
    bob.delete(f"/connections/{kept['id']}")
    assert ada.get(f"/connections/{kept['id']}").status == 200


@pytest.mark.parametrize(
    ("change", "has_key"),
    [
        ({"name": "Other"}, True),
        ({"model": "big"}, True),
        ({"address": "https://llm.example/v1"}, True),
        ({"address": "https://evil.example/v1"}, False),
        ({"address": "https://llm.example:8443/v1"}, False),
        ({"address": "https://evil.example/v1", "key": "another-key-0123456789"}, True),
        ({"key": None}, False),
        ({"key": ""}, False),
    ],
)
def test_another_address_drops_the_key(ada: Signed, world: World, change: dict[str, Any], has_key: bool) -> None:
    kept = add(ada)
    changed = ada.patch(f"/connections/{kept['id']}", {"revision": 1} | change).json
    assert (changed["has_key"], changed["revision"]) == (has_key, 2)
    assert (world.container.connections.access(ada.id, kept["id"]).key is not None) is has_key


def test_a_stale_change_answers_with_both_versions(ada: Signed) -> None:
    kept = add(ada)
    ada.patch(f"/connections/{kept['id']}", {"revision": 1, "name": "First"})
    answer = ada.patch(f"/connections/{kept['id']}", {"revision": 1, "name": "Second"})
    assert answer.status == 409
    assert answer.json["error"]["yours"]["name"] == "Second"
    assert answer.json["error"]["theirs"]["name"] == "First"
    assert KEY not in json.dumps(answer.json)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"address": "http://169.254.169.254/"}, "address_refused"),
        ({"address": "http://10.0.0.1/"}, "address_refused"),
        ({"address": "https://user:pw@llm.example/"}, "address_refused"),
        ({"address": "javascript:alert(1)"}, "address_refused"),
        ({"key": "line\nbreak"}, "invalid"),
        ({"key": "schlüssel"}, "invalid"),
        ({"fallback_id": "nothing"}, "invalid"),
        ({"fallback_id": "x" * 3000}, "invalid"),
        ({"address": "https://\ud800.example"}, "invalid"),
        ({"address": "https://" + "a" * 300 + ".example"}, "address_refused"),
        ({"address": "https://llm.example/\u0000"}, "invalid"),
        ({"name": "\ud800"}, "invalid"),
        ({"kind": "bedrock"}, "provider_not_offered"),
        ({"kind": "telepathy"}, "invalid"),
        ({"surprise": 1}, "invalid"),
        ({"context_tokens": 3}, "invalid"),
        ({"name": ""}, "invalid"),
    ],
)
def test_a_connection_that_cannot_work_is_refused(ada: Signed, fields: dict[str, Any], code: str) -> None:
    answer = ada.post("/connections", NEW | fields)
    assert answer.code == code
    assert 400 <= answer.status < 500
    assert KEY not in json.dumps(answer.json)


def test_the_demo_is_always_there_and_stays_as_it_is(ada: Signed) -> None:
    assert ada.get("/connections/demo").json["kind"] == "demo"
    assert ada.patch("/connections/demo", {"revision": 1, "name": "x"}).status == 403
    assert ada.delete("/connections/demo").status == 403
    tried = ada.post("/connections/demo/test").json
    assert tried["ok"]
    assert tried["text"]
    assert tried["first_token_ms"] > 0


def test_without_a_demo_somebody_who_chose_nothing_is_told_so(ada: Signed, world: World) -> None:
    world.container.settings = world.settings.model_copy(update={"demo_model": False})
    assert ada.get("/connections").json == []
    with pytest.raises(NotFound) as caught:
        world.container.connections.access(ada.id, None)
    assert caught.value.code == "no_connection"


def test_the_chosen_connection_is_used_until_it_is_deleted(ada: Signed, world: World) -> None:
    world.container.user_store.add(ada.person, oidc_name=None, invitation=None, now=world.clock.now())
    kept = add(ada)
    connections = world.container.connections
    assert connections.access(ada.id, None).connection_id == "demo"
    ada.patch("/account", {"choices": {"connection_id": kept["id"]}})
    assert connections.access(ada.id, None).connection_id == kept["id"]
    assert ada.delete(f"/connections/{kept['id']}").status == 204
    assert connections.access(ada.id, None).connection_id == "demo"


def test_a_fallback_comes_with_the_access_once(ada: Signed, world: World) -> None:
    first = add(ada, fallback_id="demo", key=None)
    second = add(ada, fallback_id=first["id"])
    access = world.container.connections.access(ada.id, second["id"])
    assert access.fallback is not None
    assert (access.fallback.connection_id, access.fallback.fallback) == (first["id"], None)
    cleared = ada.patch(f"/connections/{second['id']}", {"revision": 1, "fallback_id": None}).json
    assert cleared["fallback_id"] is None
    itself = ada.patch(f"/connections/{second['id']}", {"revision": 2, "fallback_id": second["id"]})
    assert itself.code == "invalid"


def test_a_key_sealed_under_an_old_root_key_is_sealed_again_when_used(ada: Signed, world: World) -> None:
    kept = add(ada)
    old = next(iter(world.container.secrets._roots.values()))
    new = type(old)(b"another root key of 32 characters or more")
    world.container.secrets = Secrets([new, old])
    del world.container.connections
    access = world.container.connections.access(ada.id, kept["id"])
    assert access.key is not None
    world.container.secrets = Secrets([new])
    del world.container.connections
    assert world.container.connections.access(ada.id, kept["id"]).key == access.key


def test_trying_a_connection_gives_its_first_words(ada: Signed, server: Upstream) -> None:
    server.replays("openai_chat.sse", every=4096)
    kept = add(ada, address=f"{server.address}/v1")
    tried = ada.post(f"/connections/{kept['id']}/test").json
    assert (tried["ok"], tried["text"]) == (True, "The lamp is lit — 灯塔 🐚.")
    assert server.requests[0].headers["Authorization"] == f"Bearer {KEY}"


def test_trying_a_connection_says_what_is_wrong(
    ada: Signed, server: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers({"error": {"message": f"bad key {KEY}"}}, status=401)
    kept = add(ada, address=f"{server.address}/v1")
    with caplog.at_level(logging.DEBUG):
        tried = ada.post(f"/connections/{kept['id']}/test").json
        listed = ada.get(f"/connections/{kept['id']}/models")
    assert (tried["ok"], tried["code"]) == (False, "provider_key_refused")
    assert "“Mine”" in tried["message"]
    assert listed.code == "provider_key_refused"
    assert KEY not in caplog.text + json.dumps(tried) + str(listed.json)


def test_models_are_listed_by_name(ada: Signed, server: Upstream) -> None:
    server.answers({"data": [{"id": "zeta"}, {"id": "Alpha"}]})
    kept = add(ada, address=f"{server.address}/v1")
    assert [model["id"] for model in ada.get(f"/connections/{kept['id']}/models").json] == ["Alpha", "zeta"]


def test_servers_on_this_machine_are_found(ada: Signed, world: World, server: Upstream) -> None:
    server.answers({"data": [{"id": "tiny"}]})
    nearby = (
        NearbyServer(kind=ProviderKind.openai_chat, title="Here", address=f"{server.address}/v1"),
        NearbyServer(kind=ProviderKind.openai_chat, title="Not here", address="http://127.0.0.1:1/v1"),
    )
    container = world.container
    container.trials = Trials(
        connections=container.connections, providers=container.providers, local=True, nearby=nearby
    )
    found = ada.get("/connections/nearby").json
    assert [(item["title"], [model["id"] for model in item["models"]]) for item in found] == [("Here", ["tiny"])]


def test_nobody_looks_around_on_a_server_in_the_cloud(ada: Signed, world: World) -> None:
    world.container.settings = world.settings.model_copy(update={"stage": "prod"})
    assert ada.get("/connections/nearby").status == 403


def test_the_kinds_on_offer_are_listed(ada: Signed) -> None:
    kinds = [info["kind"] for info in ada.get("/connections/providers").json]
    assert kinds == ["demo", "openai_chat", "anthropic", "gemini", "openai_text", "koboldcpp", "llamacpp"]


def test_bedrock_is_on_offer_where_the_operator_lists_models_and_an_allowance(ada: Signed, world: World) -> None:
    knobs = {"bedrock_models": ("amazon.nova-lite-v1:0",), "bedrock_tokens_per_day": 1000}
    world.container.settings = world.settings.model_copy(update=knobs)
    kept = add(ada, kind="bedrock", address="https://evil.example", key=None)
    assert kept["address"] == "https://bedrock-runtime.us-east-1.amazonaws.com"
    assert [model["id"] for model in ada.get(f"/connections/{kept['id']}/models").json] == ["amazon.nova-lite-v1:0"]


async def test_bedrocks_allowance_is_shared_and_begins_anew_each_day(world: World) -> None:

    allowance = BedrockAllowance(tokens_per_day=100, now=world.clock.now)
    await allowance.check()
    await allowance.spend(60)
    await allowance.spend(40)
    with pytest.raises(QuotaExceeded) as caught:
        await allowance.check()
    assert caught.value.details["retry_after_seconds"] == 10 * 3600 + 1
    world.clock.advance(hours=10, seconds=1)
    await allowance.check()


def test_adding_a_connection_twice_with_one_key_makes_one(api: Api) -> None:
    ada = api.sign_up("ada")
    asked = {"name": "Mine", "kind": "openai_chat", "model": "m"}
    first = ada.post("/connections", asked, headers={"idempotency-key": "k1"})
    again = ada.post("/connections", asked, headers={"idempotency-key": "k1"})
    assert (first.status, again.json["id"]) == (201, first.json["id"])
    assert len([one for one in ada.get("/connections").json if one["id"] != "demo"]) == 1
