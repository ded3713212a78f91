"""Nothing of a deleted account is left: not of any kind of row, and not of a reply that is being written."""

import asyncio
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from pynamodb.models import Model

from chalicelib import stores
from chalicelib.models.jobs import JobOrder
from chalicelib.services.jobs import Work
from chalicelib.stores.packed import PackedRow
from chalicelib.stores.tables import LiveRow, MainRow
from tests.support.model_server import Say, Wait
from tests.support.people import PASSWORD, Api
from tests.support.replies import Stage
from tests.support.world import REGION, World

KEYS = Path(__file__).parents[2] / "docs" / "decisions" / "0002-keys.md"

# Which line of docs/decisions/0002-keys.md says where the rows of a class lie.
ITEMS = {
    "UserRow": ["account"],
    "SignInRow": ["address", "OIDC name"],
    "InvitationRow": ["invitation"],
    "StorageRow": ["storage used"],
    "CharacterRow": ["character"],
    "CardRow": ["card"],
    "FileRow": ["file of a card"],
    "TagRow": ["tag"],
    "UploadRow": ["upload"],
    "JobRow": ["job"],
    "PersonaRow": ["persona"],
    "LocksRow": ["locks of personas"],
    "GroupRow": ["group"],
    "NoteRow": ["note for new chats, or a character's"],
    "VariablesRow": ["variables of everywhere", "variables of a branch", "variables of a chat (only read)"],
    "PresetRow": ["preset"],
    "TemplateRow": ["template"],
    "ScriptsRow": ["scripts"],
    "ScriptPermissionRow": ["script permission"],
    "QuickSetRow": ["quick set"],
    "SeededRow": ["seeds given"],
    "ConnectionRow": ["connection"],
    "ChatRow": ["chat"],
    "BranchRow": ["branch"],
    "SegmentRow": ["segment"],
    "CutRow": ["cut"],
    "MessageRow": ["message"],
    "SwipeRow": ["swipe"],
    "WorldRow": ["world"],
    "MoveRow": ["move"],
    "LineRow": ["line of a move"],
    "TakenRow": ["what was taken once"],
    "KeepsakeRow": ["keepsake"],
    "EntryRow": ["entry of a world"],
    "PackRow": ["what else a world's file said", "all entries at a revision"],
    "WorldLinksRow": ["worlds of a thing"],
    "TurnRow": ["turn"],
    "GenerationRow": ["generation"],
    "OnceRow": ["idempotency"],
    "SearchRow": ["search index"],
    "PartRow": ["part of an index"],
    "MarkRow": ["waiting change of an index"],
    "SearchedRow": ["searched chat"],
    "SessionRow": ["signed-in device"],
    "TicketRow": ["one-time thing"],
    "RateRow": ["requests in a minute"],
    "DayRow": ["usage of a day"],
    "SpentRow": ["Bedrock's day"],
    "SocketRow": ["socket"],
    "ChannelRow": ["follower of a chat", "running generation"],
    "PieceRow": ["piece of a log"],
    "SegmentRow (live)": ["durable text"],
    "LiveRow": ["socket of a session"],
}
# Belong to nobody, or hold a hash and an id for a minute; docs/decisions/0004-accounts.md says how each ends.
NOT_THE_OWNERS = {"invitation", "one-time thing", "Bedrock's day", "socket"}


def _listed() -> Iterator[tuple[str, str, str, str]]:
    """Table, item, pk and sk of every line of the document's two tables."""
    table = ""
    for line in KEYS.read_text("utf-8").splitlines():
        if line.startswith("## "):
            table = line.removeprefix("## ").strip("`")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if table in ("main", "live") and len(cells) >= 3 and cells[0] not in ("item", "---") and cells[1]:
            yield table, cells[0], cells[1], cells[2].strip("`")


def _row_classes() -> set[str]:
    for module in pkgutil.iter_modules(stores.__path__):
        importlib.import_module(f"chalicelib.stores.{module.name}")

    def below(row: type[Model]) -> Iterator[type[Model]]:
        for one in row.__subclasses__():
            yield one
            yield from below(one)

    mine = {row for root in (MainRow, LiveRow) for row in below(root) if row.__module__.startswith("chalicelib.")}
    mine.discard(PackedRow)  # a shape that others have; no row is only this
    twice = {"SegmentRow"}
    return {row.__name__ + (" (live)" if row.__name__ in twice and issubclass(row, LiveRow) else "") for row in mine}


def test_every_class_of_rows_is_listed_with_its_keys() -> None:
    assert _row_classes() | {"LiveRow"} == set(ITEMS)
    named = {item for items in ITEMS.values() for item in items}
    assert {item for _, item, _, _ in _listed()} == named


def _places(owner_id: str, pk: str, sk: str) -> tuple[str, str]:
    """A row of that kind: what stands for a chat or a generation leads to the owner's rows that name it."""
    first = re.split(r",| or ", pk)[0].strip().strip("`")
    key = re.sub(r"^(owner|user)\b", owner_id, first)
    filled = {"{chat}": "c1", "{generation}": "g1", "{id}": "c1" if sk.startswith("chat#") else "g1"}
    for name, value in filled.items():
        key, sk = key.replace(name, value), sk.replace(name, value)
    return key.replace("#chat", "#c1") if key == f"{owner_id}#chat" else key, re.sub(r"\{\w+\}", "x", sk)


def test_erasure_leaves_no_row_of_any_kind(world: World) -> None:
    ada = Api().sign_up("ada")
    tables = boto3.resource("dynamodb", region_name=REGION)
    put = []
    for table, item, pk, sk in _listed():
        if item in NOT_THE_OWNERS or item in ("account", "address", "OIDC name"):
            continue
        key, sort = _places(ada.id, pk, sk)
        assert key.startswith(ada.id), (item, key)
        # A chat and a generation are read back as what they are; the test's own rows are never read.
        tables.Table(f"tavern-{table}").put_item(Item={"pk": key, "sk": sort})
        put.append((item, key, sort))
    assert len(put) > 25
    store = world.container.erasure._store
    for _ in store.wipe(ada.id, keep=frozenset({"account"})):
        pass
    left = [row for table in ("main", "live") for row in world.rows(table) if row["pk"]["S"].startswith(ada.id)]
    assert [row["sk"]["S"] for row in left] == ["account"]


@pytest.mark.parametrize("stage", ["dynamo", "redis"], indirect=True)
async def test_a_reply_that_is_being_written_leaves_nothing_either(stage: Stage) -> None:
    reader = await asyncio.to_thread(stage.follower, "reader")
    stage.model.will(*[step for _ in range(200) for step in (Say("word "), Wait(0.02))])
    await asyncio.to_thread(stage.started)
    working = asyncio.create_task(stage.work())
    await asyncio.to_thread(stage.office.wait_for, reader, "d")
    gone = await asyncio.to_thread(stage.person.post, "/account/delete", {"password": PASSWORD})
    assert gone.status == 204
    jobs = stage.container.jobs
    job = next(job for job in jobs.list(stage.person.id) if job.kind == "delete_account")
    await asyncio.to_thread(jobs.run, JobOrder(owner_id=stage.person.id, job_id=job.id))
    assert await working == []
    left = [row for table in ("main", "live") for row in stage.world.rows(table) if stage.person.id in str(row)]
    assert [row["sk"]["S"] for row in left] == [f"job#{job.id}"]


def test_what_is_written_while_an_account_goes_is_wiped_too(world: World, api: Api) -> None:
    """Another process trusts a session for some seconds after it ended."""
    ada = api.sign_up("ada")
    late = iter([lambda: ada.post("/personas", {"name": "Late"})])
    assert ada.get("/account").status == 200
    trusted = dict(world.container.sessions._trusted)
    sleep = world.clock.sleep

    def meanwhile(seconds: float) -> None:
        world.container.sessions._trusted.update(trusted)
        for ask in late:
            assert ask().status == 201
        sleep(seconds)

    world.clock.sleep = meanwhile  # type: ignore[method-assign]
    world.container.erasure.run(Work(ada.id, "job", {}, lambda done, total: None))
    left = [row["sk"]["S"] for row in world.rows() if row["pk"]["S"].startswith(ada.id)]
    assert left == []
