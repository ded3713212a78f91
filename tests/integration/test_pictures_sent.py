"""Pictures inside of chats on their way to models that see."""

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from chalicelib.models.chats import ChatImportQuery
from chalicelib.moving.gallery import gallery_id
from tests.support.pictures import picture
from tests.support.replies import Stage

PLACE = "user/images/Mira/quay.png"


def bring(stage: Stage, **extra: Any) -> str:
    """A chat of a file whose first message shows something; its id."""
    lines = [
        {"chat_metadata": {}, "user_name": "ada", "character_name": "Mira"},
        {"name": "ada", "is_user": True, "mes": "Look at this.", "extra": extra},
    ]
    data = "\n".join(json.dumps(line) for line in lines).encode()
    query = ChatImportQuery(character_id=stage.chat["character_id"])
    chat = stage.container.chat_arrivals.import_job(stage.person.id, query, data, "brought", lambda done, total: None)
    stage.chat = stage.person.get(f"/chats/{chat.id}").json["chat"]
    return chat.id


def keep(stage: Stage, size: tuple[int, int] = (64, 48)) -> None:
    """The picture, as a move brings it."""
    data, id = picture("gold", size), gallery_id(PLACE)
    encoded = stage.container.media.encode(data)
    stored = stage.container.media.keep_encoded(stage.person.id, f"keepsakes/{id}", encoded, counted=False)
    stage.container.keepsakes.keep(
        stage.person.id, "user", PLACE.removeprefix("user/"), data, keepsake_id=id, picture=stored
    )


async def sent(stage: Stage, **connection: Any) -> dict[str, Any]:
    """The request of the next reply."""
    body = {"name": "Eyes", "kind": "openai_chat", "address": stage.model.address, "model": "gpt-4o"} | connection
    made = stage.person.post("/connections", body)
    assert made.status == 201, made
    stage.started("What is it?", connection_id=made.json["id"])
    await stage.work()
    return stage.model.requests[-1]


def words(request: dict[str, Any]) -> list[Any]:
    return [one["content"] for one in request["messages"] if one["role"] == "user"]


async def test_a_model_that_sees_is_shown_the_picture_of_a_message(stage: Stage) -> None:
    bring(stage, media=[{"url": f"/{PLACE}", "type": "image"}])
    keep(stage)
    request = await sent(stage)
    said, asked = words(request)
    assert asked == "What is it?"
    assert said[0] == {"type": "text", "text": "Look at this."}
    shown = said[1]["image_url"]
    head, _, data = shown["url"].partition(",")
    assert (head, shown["detail"]) == ("data:image/jpeg;base64", "auto")
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (64, 48)


async def test_what_was_shown_is_told_and_its_file_is_not_kept_twice(stage: Stage) -> None:
    bring(stage, image=f"/{PLACE}")
    keep(stage)
    await sent(stage)
    reply = stage.messages()[-1]
    told = stage.person.get(f"/generations/{reply['reply']['generation_id']}/manifest").json
    blocks = [
        (one["title"], one["tokens"]) for one in told["manifest"]["blocks"] if one["source"].startswith("picture")
    ]
    assert blocks == [(f"/{PLACE}", 85)]
    kept = [one for message in told["messages"] for one in message["pictures"]]
    assert [(one["place"], one["width"], one["height"]) for one in kept] == [(f"/{PLACE}", 64, 48)]
    assert {"key", "data"} & set(kept[0]) == set()


async def test_one_that_does_not_see_gets_the_words(stage: Stage) -> None:
    bring(stage, media=[{"url": f"/{PLACE}", "type": "image"}])
    keep(stage)
    assert words(await sent(stage, sees="no")) == ["Look at this.", "What is it?"]
    assert words(await sent(stage, model="gpt-3.5-turbo"))[0] == "Look at this."


async def test_a_picture_that_is_not_here_leaves_the_words(stage: Stage) -> None:
    bring(stage, media=[{"url": "/user/images/Mira/gone.png"}, {"url": "https://example.org/a.png"}])
    assert words(await sent(stage)) == ["Look at this.", "What is it?"]


async def test_a_picture_inside_of_the_file_of_a_chat_is_encoded_anew(stage: Stage) -> None:
    inline = "data:image/png;base64," + base64.b64encode(picture("teal", (30, 20))).decode()
    bring(stage, media=[{"url": inline}, {"url": "data:image/png;base64,AAAA"}])
    said = words(await sent(stage))[0]
    assert len(said) == 2
    assert said[1]["image_url"]["url"].startswith("data:image/jpeg;base64,")


async def test_somebody_elses_picture_is_shown_to_nobody(stage: Stage) -> None:
    keep(stage)
    other = Stage(stage.world, stage.office, stage.model, name="eve")
    bring(other, media=[{"url": f"/{PLACE}"}])
    assert words(await sent(other)) == ["Look at this.", "What is it?"]


@pytest.mark.parametrize(
    ("extra", "shown"),
    [
        ({"media": [{"url": "a"}, {"url": "b"}], "media_display": "gallery", "media_index": 1}, ["b"]),
        ({"media": [{"url": "a"}, {"url": "b", "type": "video"}, 7]}, ["a"]),
        ({"image": "a", "image_swipes": ["a", "b"]}, ["a"]),
        ({"media": "odd", "image": 7}, []),
    ],
)
def test_of_a_gallery_the_one_that_is_turned_to_is_shown(extra: dict[str, Any], shown: list[str]) -> None:
    from chalicelib.moving.gallery import shown_in

    assert shown_in({"extra": extra}) == shown
    assert shown_in({"extra": "odd"}) == []
