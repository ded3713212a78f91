"""Limits: how fast, and how much, with DynamoDB, with Redis, and with a Redis that does not answer."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chalicelib.errors import QuotaExceeded
from chalicelib.services.limits import Limits
from chalicelib.stores.transactions import commit
from tests.support.people import PASSWORD, Answer, Api
from tests.support.world import Aws, World, world_on


@contextmanager
def limited(aws: Aws, **knobs: object) -> Iterator[World]:
    aws.wipe()
    with world_on(aws.settings(**knobs)) as world:
        yield world


def attempt(api: Api, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.post("/auth/sign-in", {"email": "ada@example.org", "password": PASSWORD}, headers=named)


def test_a_user_who_asks_too_fast_is_told_when_to_come_back(aws: Aws) -> None:
    with limited(aws, requests_per_minute=5) as world:
        ada = Api().sign_up("ada")
        answers = [ada.get("/account/usage") for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        assert answers[-1].code == "quota_exceeded"
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        world.clock.advance(seconds=61)
        assert ada.get("/account").status in (200, 401)


def test_requests_are_counted_for_each_user_alone(aws: Aws) -> None:
    with limited(aws, requests_per_minute=3):
        ada, bob = Api().sign_up("ada"), Api().sign_up("bob")
        assert [ada.get("/account").status for _ in range(4)][-1] == 429
        assert bob.get("/account").status == 200


def test_shares_taken_from_the_table_never_give_more_than_allowed(aws: Aws) -> None:
    from chalicelib.stores.limits import LimitsStore

    with limited(aws) as world:
        now = world.clock.now()
        processes = [LimitsStore(), LimitsStore()]
        passed = [store.take("u1", "requests", per_minute=200, now=now) == 0 for _ in range(150) for store in processes]
        assert sum(passed) == 200


def test_an_address_may_try_to_sign_in_so_often(aws: Aws) -> None:
    with limited(aws, sign_ins_per_minute=3):
        assert [attempt(Api()).status for _ in range(4)] == [401, 401, 401, 429]


def test_an_account_may_be_tried_so_often_from_everywhere(aws: Aws) -> None:
    with limited(aws, sign_ins_per_minute=3, trusted_proxy_secret="between us"):
        answers = [
            attempt(Api(), x_origin_secret="between us", cloudfront_viewer_address=f"198.51.100.{n}:443")
            for n in range(4)
        ]
        assert [answer.status for answer in answers] == [401, 401, 401, 429]


def test_another_spelling_of_an_address_is_no_other_account(aws: Aws) -> None:
    with limited(aws, sign_ins_per_minute=3, trusted_proxy_secret="between us"):
        statuses = []
        for n, email in enumerate(
            ("ada@example.org", "ADA@example.org", "\uff41da@example.org", "ada@ex\uff41mple.org")
        ):
            headers = {"x-origin-secret": "between us", "cloudfront-viewer-address": f"198.51.100.{n}:443"}
            statuses.append(Api().post("/auth/sign-in", {"email": email, "password": PASSWORD}, headers=headers).status)
        assert statuses == [401, 401, 401, 429]


def test_nobody_is_sent_mail_without_end(aws: Aws) -> None:
    with limited(aws, trusted_proxy_secret="between us"):
        statuses = []
        for n in range(4):
            headers = {"x-origin-secret": "between us", "cloudfront-viewer-address": f"198.51.100.{n}:443"}
            statuses.append(Api().post("/auth/password-reset", {"email": "ada@example.org"}, headers=headers).status)
        assert statuses == [204, 204, 204, 429]


def test_the_viewers_address_counts_only_with_the_secret_of_the_proxy(aws: Aws) -> None:
    with limited(aws, trusted_proxy_secret="between us"):
        Api().sign_up("ada")
        claimed = {"cloudfront_viewer_address": "203.0.113.9:443"}
        forged = attempt(Api(), x_origin_secret="guessed", **claimed)
        honest = attempt(Api(), x_origin_secret="between us", **claimed)
        token = honest.json["access_token"]
        assert forged.status == 200
        sessions = Api({"authorization": f"Bearer {token}"}).get("/account/sessions").json
        assert sorted(session["address"] for session in sessions) == ["127.0.0.1", "127.0.0.1", "203.0.113.9"]


def test_one_ipv6_household_is_one_address(world: World) -> None:
    limits = world.container.limits
    for n in range(20):
        limits.check_address(f"2001:db8::{n + 1:x}")
    with pytest.raises(QuotaExceeded):
        limits.check_address("2001:db8::ffff")
    limits.check_address("2001:db8:0:1::1")


def test_redis_counts_where_there_is_one(world_with_redis: World) -> None:
    limits = world_with_redis.container.limits
    for _ in range(20):
        limits.check_address("192.0.2.1")
    with pytest.raises(QuotaExceeded) as refused:
        limits.check_address("192.0.2.1")
    assert 1 <= refused.value.details["retry_after_seconds"] <= 3
    assert world_with_redis.rows("live") == []


def test_without_an_answer_from_redis_dynamodb_counts(aws: Aws) -> None:
    with limited(aws, redis_url="redis://127.0.0.1:1/0") as world:
        for _ in range(20):
            world.container.limits.check_address("192.0.2.1")
        with pytest.raises(QuotaExceeded):
            world.container.limits.check_address("192.0.2.1")


def test_replies_of_a_day_are_counted_and_end(aws: Aws) -> None:
    with limited(aws, replies_per_day=2) as world:
        limits = world.container.limits
        assert begin_reply(limits, "ada")
        assert begin_reply(limits, "ada")
        assert not begin_reply(limits, "ada")
        with pytest.raises(QuotaExceeded) as refused:
            limits.check_reply("ada")
        assert refused.value.details["retry_after_seconds"] == 10 * 3600
        world.clock.advance(hours=10)
        limits.check_reply("ada")
        assert begin_reply(limits, "ada")
        assert limits.usage("ada").replies == 1


def test_tokens_of_a_day_end_the_next_reply(aws: Aws) -> None:
    with limited(aws, tokens_per_day=1_000) as world:
        limits = world.container.limits
        assert begin_reply(limits, "ada")
        limits.add_tokens("ada", 1_200)
        assert not begin_reply(limits, "ada")
        with pytest.raises(QuotaExceeded, match="tokens"):
            limits.check_reply("ada")


def test_storage_has_an_end_and_is_given_back(aws: Aws) -> None:
    with limited(aws, storage_bytes=1_000) as world:
        limits = world.container.limits
        limits.add_storage("ada", 900)
        with pytest.raises(QuotaExceeded):
            limits.add_storage("ada", 101)
        limits.add_storage("ada", -400)
        limits.add_storage("ada", 500)
        assert limits.usage("ada").storage_bytes == 1_000


def test_usage_is_shown_with_what_is_allowed(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    assert begin_reply(world.container.limits, ada.id)
    usage = ada.get("/account/usage").json
    assert (usage["day"], usage["replies"], usage["replies_allowed"]) == ("2026-05-17", 1, 2_000)


def begin_reply(limits: Limits, user_id: str) -> bool:
    """Whether a transaction goes through that counts a reply."""
    return not commit(lambda write: limits.take_reply(write, user_id))
