"""Replies of groups: one after another in one turn, none lost, none twice, and on their own in auto mode."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.models.jobs import GenerationOrder
from tests.support.model_server import Fail, Say, model_server
from tests.support.post_office import post_office
from tests.support.replies import Stage
from tests.support.world import Aws, world_on


class Company(Stage):
    """A stage whose chat is with a group of three that answers in the order of its list."""

    def gather(self, **settings: Any) -> "Company":
        self.ids = {name: self._member(name) for name in ("Ada", "Ben", "Cleo")}
        members = [{"character_id": one} for one in self.ids.values()]
        group = self.person.post("/groups", {"name": "Us", "members": members, "order": "list"} | settings)
        assert group.status == 201, group
        self.group: dict[str, Any] = group.json
        self.chat = self.person.post("/chats", {"group_id": group.json["id"]}).json
        return self

    def _member(self, name: str) -> str:
        card = {"name": name, "description": f"{name} is here."}
        return str(self.person.post("/characters", {"card": card}).json["id"])

    def change(self, **given: Any) -> None:
        changed = self.person.patch(f"/groups/{self.group['id']}", {"revision": self.group["revision"]} | given)
        assert changed.status == 200, changed
        self.group = changed.json

    def mute(self, *names: str) -> None:
        muted = {self.ids[name] for name in names}
        self.change(members=[{"character_id": one, "muted": one in muted} for one in self.ids.values()])

    def auto(self, on: bool) -> None:
        assert self.person.patch(f"/chats/{self.chat['id']}", {"auto_mode": on}).status == 200

    def said(self) -> list[tuple[str, str]]:
        return [(message["name"], message["text"]) for message in self.messages()]

    def active(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.person.get(f"/chats/{self.chat['id']}").json["active"]
        return found

    def order_for(self, generation: dict[str, Any]) -> list[dict[str, Any]]:
        """What the queue holds back until a reply's time has come."""
        order = GenerationOrder(owner_id=self.person.id, generation_id=generation["id"])
        return [{"messageId": "later", "body": order.model_dump_json(), "attributes": {}}]


@pytest.fixture
def company(aws: Aws) -> Iterator[Company]:
    aws.wipe()
    with post_office() as office, model_server() as model:
        knobs = {"socket_endpoint": office.address, "auto_replies_most": 3}
        with world_on(aws.settings(**knobs)) as world:
            made = Company(world, office, model).gather()
            yield made
            made.close()


async def test_members_answer_one_after_another_in_one_turn(company: Company) -> None:
    company.follower("s1")
    for text in ("One.", "Two.", "Three."):
        company.model.will(Say(text))
    turn = company.turn("Hello?").json
    assert [one["character_id"] for one in turn["generations"]] == [company.ids["Ada"]]
    assert turn["turn"]["speakers"] == [company.ids["Ben"], company.ids["Cleo"]]
    for _ in range(3):
        await company.work()
    assert company.said() == [("ada", "Hello?"), ("Ada", "One."), ("Ben", "Two."), ("Cleo", "Three.")]
    assert company.active() == []
    company.office.wait_until(lambda: len(company.office.of_type("s1", "end")) == 3)
    ends = company.office.of_type("s1", "end")
    assert [one["turn_id"] for one in ends] == [turn["turn"]["id"]] * 3
    assert [one.get("next", {}).get("character_id") for one in ends] == [company.ids["Ben"], company.ids["Cleo"], None]
    last = company.model.requests[-1]["messages"]
    assert "Ben: Two." in [one["content"] for one in last]
    assert "Cleo is here." in json.dumps(last)
    assert "Ben is here." not in json.dumps(last)


async def test_joined_cards_tell_of_everybody_who_is_not_muted(company: Company) -> None:
    company.change(cards="join")
    company.mute("Ben")
    company.turn("Hello?")
    await company.work()
    asked = json.dumps(company.model.requests[-1]["messages"])
    assert [name in asked for name in ("Ada is here.", "Ben is here.", "Cleo is here.")] == [True, False, True]


async def test_the_next_reply_is_there_though_its_order_is_lost(company: Company) -> None:
    company.turn("Hello?")
    await company.work()
    company.orders()
    (waiting,) = company.active()
    assert (waiting["character_id"], waiting["status"]) == (company.ids["Ben"], "queued")
    company.world.clock.advance(seconds=10)
    company.container.sweeping.sweep()
    await company.work()
    assert [name for name, _ in company.said()] == ["ada", "Ada", "Ben"]


async def test_an_order_that_comes_twice_lets_nobody_speak_twice(company: Company) -> None:
    company.turn("Hello?")
    first = company.orders()
    await company.work(first * 2)
    await company.work(first)
    second = company.orders()
    await company.work(second * 2)
    assert [name for name, _ in company.said()] == ["ada", "Ada", "Ben"]


async def test_a_stop_ends_the_whole_turn(company: Company) -> None:
    turn = company.turn("Hello?").json["turn"]
    await company.work()
    assert company.person.post(f"/turns/{turn['id']}/stop").status == 204
    await company.work()
    assert [name for name, _ in company.said()] == ["ada", "Ada"]
    assert company.turn("Again?").status == 202


async def test_a_turn_that_was_stopped_goes_on_with_nobody(company: Company) -> None:
    turn = company.turn("Hello?").json["turn"]
    company.container.generation_store.end_turn(company.person.id, turn["id"])
    await company.work()
    assert [name for name, _ in company.said()] == ["ada", "Ada"]
    assert company.active() == []


async def test_after_a_reply_that_failed_nobody_goes_on(company: Company) -> None:
    company.model.will(Fail(400))
    company.turn("Hello?")
    await company.work()
    assert company.active() == []
    assert [name for name, _ in company.said()] == ["ada"]


async def test_who_was_muted_meanwhile_is_passed_over(company: Company) -> None:
    company.turn("Hello?")
    company.mute("Ben")
    await company.work()
    assert [one["character_id"] for one in company.active()] == [company.ids["Cleo"]]


async def test_a_group_that_is_asked_by_hand_hears_and_is_silent(company: Company) -> None:
    company.change(order="manual")
    said = company.turn("Hello?", key="k")
    assert (said.status, said.json["generations"]) == (202, [])
    assert company.turn("Hello?", key="k").json == said.json
    assert company.said() == [("ada", "Hello?")]
    forced = company.started(None, character_id=company.ids["Cleo"])
    assert forced["character_id"] == company.ids["Cleo"]
    await company.work()
    assert [name for name, _ in company.said()] == ["ada", "Cleo"]
    assert company.active() == []


async def test_a_muted_member_speaks_when_asked_to(company: Company) -> None:
    company.mute("Ada", "Ben", "Cleo")
    assert company.turn(None).status == 422
    assert company.started(None, character_id=company.ids["Ben"])["character_id"] == company.ids["Ben"]


def test_nobody_from_outside_can_be_made_to_speak(company: Company) -> None:
    stranger = company.person.post("/characters", {"card": {"name": "Dora", "description": "A stranger."}}).json["id"]
    assert company.turn(None, character_id=stranger).status == 422


async def test_a_swipe_is_by_who_spoke_and_nobody_follows(company: Company) -> None:
    company.started(None, character_id=company.ids["Ben"])
    await company.work()
    assert company.started(None, kind="swipe")["character_id"] == company.ids["Ben"]
    await company.work()
    assert company.messages()[-1]["swipe_count"] == 2
    assert company.active() == []


def test_in_a_group_that_is_gone_nobody_answers(company: Company) -> None:
    company.person.delete(f"/groups/{company.group['id']}")
    assert company.turn("Hello?").status == 404
    assert company.person.get(f"/chats/{company.chat['id']}").status == 200


async def test_in_auto_mode_the_group_goes_on_after_a_while_and_at_most_so_often(company: Company) -> None:
    company.mute("Ben", "Cleo")
    company.change(order="list", auto_delay_seconds=30)
    company.auto(True)
    company.turn("Hello?")
    await company.work()
    for _ in range(2):
        (waiting,) = company.active()
        assert waiting["waits_until"] is not None
        assert company.orders() == []
        company.container.sweeping.sweep()
        assert company.orders() == []
        company.world.clock.advance(seconds=30)
        await company.work(company.order_for(waiting))
    assert [name for name, _ in company.said()] == ["ada", "Ada", "Ada", "Ada"]
    assert company.active() == []


async def test_who_says_something_while_the_group_waits_is_heard_at_once(company: Company) -> None:
    company.mute("Ben", "Cleo")
    company.auto(True)
    company.turn("Hello?")
    await company.work()
    (waiting,) = company.active()
    started = company.started("Wait.")
    assert [one["id"] for one in company.active()] == [started["id"]]
    assert company.record(waiting["id"]).finish_reason == "stopped"
    await company.work()
    assert [name for name, _ in company.said()] == ["ada", "Ada", "ada", "Ada"]


async def test_switched_off_what_waits_is_gone(company: Company) -> None:
    company.auto(True)
    company.mute("Ben", "Cleo")
    company.turn("Hello?")
    await company.work()
    company.auto(False)
    assert company.active() == []
    company.turn("Hello?")
    await company.work()
    assert company.active() == []


async def test_a_waiting_reply_whose_order_is_lost_is_found_by_the_sweep(company: Company) -> None:
    company.auto(True)
    company.mute("Ben", "Cleo")
    company.turn("Hello?")
    await company.work()
    company.world.clock.advance(seconds=60)
    company.container.sweeping.sweep()
    await company.work()
    assert [name for name, _ in company.said()] == ["ada", "Ada", "Ada"]


async def test_where_the_days_replies_are_used_up_nobody_follows(aws: Aws) -> None:
    aws.wipe()
    with post_office() as office, model_server() as model:
        knobs = {"socket_endpoint": office.address, "replies_per_day": 1}
        with world_on(aws.settings(**knobs)) as world:
            company = Company(world, office, model).gather()
            company.turn("Hello?")
            await company.work()
            assert [name for name, _ in company.said()] == ["ada", "Ada"]
            assert company.active() == []
            company.close()
