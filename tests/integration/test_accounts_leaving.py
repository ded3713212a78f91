"""Leaving: everything packed up, everything wiped, and mails on the way."""

import io
import json
import zipfile

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib.models.jobs import JobOrder
from chalicelib.models.users import User
from chalicelib.moving.archives import Archive
from tests.support.moving import picture, zipped
from tests.support.people import PASSWORD, Api, ApiUser
from tests.support.world import REGION, Aws, World, world_on


def furnished(api: Api, name: str) -> tuple[ApiUser, str]:
    """Somebody with a bit of everything, and a character of theirs."""
    person = api.sign_up(name)
    card = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Brom", "first_mes": "Well met."}}
    character = person.post("/characters", {"card": card})
    assert character.status == 201, character
    chat = person.post("/chats", {"character_id": character.json["id"]})
    assert chat.status == 201, chat
    assert person.post("/personas", {"name": "Me", "description": "A traveller."}).status == 201
    return person, character.json["id"]


def work(world: World, user_id: str, kind: str) -> dict[str, object]:
    """Runs the one queued job of this kind; the job as its owner sees it."""
    jobs = world.container.jobs
    job = next(job for job in jobs.list(user_id) if job.kind == kind)
    jobs.run(JobOrder(owner_id=user_id, job_id=job.id))
    return next(found for found in jobs.list(user_id) if found.id == job.id).model_dump()


def test_an_export_holds_everything(api: Api, world: World) -> None:
    ada, character_id = furnished(api, "ada")
    assert ada.post("/account/export").status == 202
    job = work(world, ada.id, "export_account")
    assert job["status"] == "done", job
    key = next(key for key in world.files() if key.endswith(".zip"))
    data = boto3.client("s3", region_name=REGION).get_object(Bucket="tavern-media", Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert json.loads(archive.read("account.json"))["email"] == "ada@example.org"
        assert [persona["name"] for persona in json.loads(archive.read("personas.json"))] == ["Me"]
        assert archive.read(f"characters/Brom ({character_id}).png").startswith(b"\x89PNG")
        chat = next(name for name in names if name.startswith("chats/"))
        assert "Well met." in archive.read(chat).decode()
    assert "argon2" not in str(data)


def test_an_export_tells_of_moves_and_holds_what_they_kept(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    files = {"themes/Dusk.json": b'{"name": "Dusk"}', "user/images/Brom/a.png": picture("gold")}
    archive = Archive(io.BytesIO(zipped(files, root="")))
    user = User(id=ada.id, session_id="")
    move = world.container.moves.bring(user, "old", archive, ["themes", "pictures"], lambda told, lines: True, False)
    ada.post("/account/export")
    assert work(world, ada.id, "export_account")["status"] == "done"
    key = next(key for key in world.files() if key.endswith(".zip"))
    with zipfile.ZipFile(io.BytesIO(world.container.files.get(key))) as packed:
        assert [one["name"] for one in json.loads(packed.read("moves.json"))] == ["old"]
        lines = json.loads(packed.read(f"moves/{move.id}.json"))
        assert {line["name"] for line in lines} == {"Dusk", "images/Brom/a.png"}
        kept = {one["name"]: one["id"] for one in json.loads(packed.read("keepsakes.json"))}
        assert json.loads(packed.read(f"keepsakes/themes/Dusk ({kept['Dusk.json']}).json")) == {"name": "Dusk"}
        inside = f"keepsakes/user/images Brom a ({kept['images/Brom/a.png']}).png"
        assert packed.read(inside) == files["user/images/Brom/a.png"]


@pytest.mark.parametrize("kind", ["export", "export-folder"])
def test_who_asks_twice_for_an_export_gets_the_one_that_is_under_way(api: Api, world: World, kind: str) -> None:
    ada, _ = furnished(api, "ada")
    first, again = ada.post(f"/account/{kind}").json, ada.post(f"/account/{kind}").json
    assert (again["id"], len(world.container.jobs.list(ada.id))) == (first["id"], 1)
    work(world, ada.id, first["kind"])
    assert ada.post(f"/account/{kind}").json["id"] != first["id"]


def test_a_deleted_account_leaves_nothing_and_others_alone(api: Api, world: World) -> None:
    ada, _ = furnished(api, "ada")
    bob, _ = furnished(api, "bob")
    ada.post("/socket-tickets")
    before = len([row for row in world.rows() if bob.id in str(row)])
    assert ada.post("/account/delete", {"password": PASSWORD}).status == 204
    assert ada.get("/account").status == 401
    signed = api.post("/auth/sign-in", {"email": "ada@example.org", "password": PASSWORD})
    assert signed.code == "deleting"
    work(world, ada.id, "delete_account")
    left = [row for table in ("main", "live") for row in world.rows(table) if ada.id in str(row["pk"])]
    assert [row["sk"]["S"].partition("#")[0] for row in left] == ["job"]
    assert [key for key in world.files() if key.startswith(ada.id)] == []
    assert len([row for row in world.rows() if bob.id in str(row)]) == before
    assert bob.get("/account").status == 200
    assert api.sign_up("ada").id != ada.id


def test_deleting_takes_the_password(api: Api) -> None:
    ada = api.sign_up("ada")
    assert ada.post("/account/delete", {"password": "not the password"}).code == "wrong_password"
    assert ada.post("/account/delete", {}).status == 403
    assert ada.get("/account").status == 200


def test_a_forgotten_password_is_reset_by_mail_where_mail_is_set_up(aws: Aws) -> None:
    aws.wipe()
    boto3.client("ses", region_name=REGION).verify_email_identity(EmailAddress="tavern@example.org")
    with world_on(aws.settings(mail_from="tavern@example.org")):
        api = Api()
        api.sign_up("ada")
        assert api.get("/auth/options").json["reset_by_mail"] is True
        assert api.post("/auth/password-reset", {"email": "ada@example.org"}).status == 204
        assert api.post("/auth/password-reset", {"email": "nobody@example.org"}).status == 204
        sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        assert [message.destinations["ToAddresses"] for message in sent] == [["ada@example.org"]]
        token = sent[0].body.partition("#token=")[2].split()[0]
        body = {"token": token, "password": "another long password"}
        assert api.post("/auth/password-reset/confirm", body).status == 204
