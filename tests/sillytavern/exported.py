"""An export to be opened: one of everything taken in from a data folder, and a little more made here."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto.core.botocore_stubber import BotocoreStubber

from chalicelib.models.moves import KINDS
from chalicelib.models.users import User
from chalicelib.moving.archives import Archive
from cli.departures import FolderSink
from tests.support.moving import data_folder, zipped
from tests.support.people import Api
from tests.support.world import emulated_aws, world_on

CARD = {
    "spec": "chara_card_v2",
    "spec_version": "2.0",
    "data": {
        "name": '墨兰 "Ink"',
        "description": "A painter. 她只在夜里画画。",
        "first_mes": "The ink is *still wet*.",
        "alternate_greetings": ["夜深了。"],
        "tags": ["painter"],
        "character_book": {
            "name": "Pigments",
            "entries": [{"keys": ["cinnabar"], "content": "Red, and heavy.", "enabled": True, "insertion_order": 7}],
        },
    },
}


def export_into(folder: Path) -> None:
    with emulated_aws() as aws, one_request_at_a_time(), world_on(aws.settings()) as world:
        ada = Api().sign_up("ada")
        user = User(id=ada.id, session_id="")
        kinds = [kind for kind in KINDS if kind != "secrets"]
        source = Archive(io.BytesIO(zipped(data_folder())))
        world.container.moves.bring(user, "data.zip", source, kinds, lambda move, lines: True, False)
        character = ada.post("/characters", {"card": CARD}).json["id"]
        chat = ada.post("/chats", {"character_id": character, "title": "Night: ink?"}).json
        said = ada.get(f"/chats/{chat['id']}").json["page"]["messages"][0]
        ada.post(f"/chats/{chat['id']}/branches", {"message_id": said["id"], "title": "the other way"})
        ada.post("/personas", {"name": "Robin", "description": "Reads maps."})
        world.container.departures.write(user, FolderSink(folder), lambda done, total: None)


@contextmanager
def one_request_at_a_time() -> Iterator[None]:
    """moto copies whole tables for a transaction: of two threads one would lose its writes."""
    lock, process = threading.RLock(), BotocoreStubber.process_request

    def locked(self: BotocoreStubber, request: Any) -> Any:
        with lock:
            return process(self, request)

    with patch.object(BotocoreStubber, "process_request", locked):
        yield
