"""An export to be opened: one of everything taken in from a data folder, and a little more made here."""

import io
import json
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
from tests.support.moving import card, data_folder, picture, settings, zipped
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


_LINES = [
    {
        "chat_metadata": {
            "note_prompt": "It rains.",
            "note_interval": 3,
            "note_depth": 2,
            "note_position": 1,
            "note_role": 1,
            "world_info": "Harbour",
            "persona": "ada.png",
            "variables": {"tide": "7"},
            "scenario": "A pier.",
        },
        "user_name": "unused",
        "character_name": "unused",
    },
    {"name": "Ada", "is_user": True, "mes": "Look.", "send_date": "2025-03-01T10:00:00.000Z", "extra": {}},
    {
        "name": "Maren",
        "is_user": False,
        "mes": "At the quay?",
        "send_date": "2025-03-01T10:01:00.000Z",
        "swipes": ["At the boat?", "At the quay?"],
        "swipe_id": 1,
        "extra": {
            "reasoning": "She points.",
            "media": [{"url": "/user/images/Maren/quay.png", "type": "image", "title": "the quay"}],
            "media_display": "list",
        },
    },
]
_SCRIPT = {
    "id": "5e1f3a52-0000-4000-8000-000000000001",
    "scriptName": "No stars",
    "findRegex": "/\\*(.+?)\\*/g",
    "replaceString": "$1",
    "trimStrings": ["~"],
    "placement": [1, 2],
    "disabled": False,
    "markdownOnly": True,
    "promptOnly": False,
    "runOnEdit": True,
    "substituteRegex": 0,
    "minDepth": None,
    "maxDepth": 4,
}
_CREW = {
    "id": "100",
    "name": "Crew",
    "members": ["Maren.png", "Brom.png"],
    "disabled_members": ["Brom.png"],
    "activation_strategy": 1,
    "generation_mode": 1,
    "generation_mode_join_prefix": "<c>",
    "generation_mode_join_suffix": "</c>",
    "allow_self_responses": True,
    "auto_mode_delay": 9,
    "fav": True,
    "chat_id": "100 - b",
    "chats": ["100 - a", "100 - b"],
}


def whole_folder() -> dict[str, bytes]:
    """The folder of the tests, with more in each thing: what SillyTavern says of it is compared field by field."""
    ada = {
        "description": "A cartographer.",
        "position": 4,
        "depth": 3,
        "role": 1,
        "title": "of maps",
        "lorebook": "Harbour",
        "connections": [{"type": "character", "id": "Brom.png"}, {"type": "group", "id": "100"}],
    }
    power_user = settings()["power_user"] | {
        "persona_descriptions": {"ada.png": ada},
        "instruct": {"preset": "Ours"},
        "context": {"preset": "Ours"},
        "sysprompt": {"name": "Ours"},
        "reasoning": {"name": "Ours"},
    }
    extensions = {"regex": [_SCRIPT], "variables": {"global": {"gold": "12"}}}
    said = settings(
        power_user=power_user,
        extension_settings=extensions,
        tags=[{"id": "1", "name": "harbour", "color": "rgba(200,80,40,1)", "folder_type": "NONE", "sort_order": 1}],
        tag_map={"Maren.png": ["1"], "100": ["1"]},
        world_info_settings={"world_info": {"globalSelect": ["Harbour"]}, "world_info_depth": 7},
        oai_settings={"preset_settings_openai": "Mine"},
    )
    return data_folder() | {
        "settings.json": json.dumps(said).encode(),
        "characters/Brom.png": card("Brom", "navy", extensions={"world": "Harbour", "talkativeness": "0.8"}),
        "chats/Maren/look.jsonl": "\n".join(map(json.dumps, _LINES)).encode(),
        "groups/100.json": json.dumps(_CREW).encode(),
        "group chats/100 - b.jsonl": "\n".join(map(json.dumps, [_LINES[0], *_LINES[1:]])).encode(),
        "backgrounds/pier.jpg": picture("grey", (30, 20)),
        "user/images/Maren/quay.png": picture("gold", (40, 30)),
        "characters/Maren/neutral.png": picture("teal", (20, 20)),
    }


def export_into(folder: Path) -> None:
    with emulated_aws() as aws, one_request_at_a_time(), world_on(aws.settings()) as world:
        ada = Api().sign_up("ada")
        user = User(id=ada.id, session_id="")
        kinds = [kind for kind in KINDS if kind != "secrets"]
        source = Archive(io.BytesIO(zipped(whole_folder())))
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
