"""A data folder of SillyTavern's, small, with texts of our own; as files, and as an archive."""

import io
import json
import stat
import zipfile
from collections.abc import Mapping
from typing import Any

from tests.support.pictures import picture
from tests.unit.cards.builders import encoded, text, v2

ROOT = "data/default-user/"


def card(name: str, colour: str = "teal", **fields: Any) -> bytes:
    """A card in a picture."""
    data = picture(colour, (40, 60))
    at = data.index(b"IDAT") - 4
    return data[:at] + text("chara", encoded(v2(name=name, **fields))) + data[at:]


def chat(*texts: str, name: str = "Maren", **metadata: Any) -> bytes:
    """A chat in which the person and the character take turns; the character's messages have two swipes."""
    lines: list[dict[str, Any]] = [
        {"chat_metadata": metadata, "user_name": "unused", "character_name": "unused"},
    ]
    for place, words in enumerate(texts):
        mine = place % 2 == 0
        lines.append(
            {
                "name": "Ada" if mine else name,
                "is_user": mine,
                "is_system": False,
                "send_date": f"2025-03-01T10:{place % 60:02d}:00.000Z",
                "mes": words,
                "extra": {},
            }
        )
        if not mine:
            lines[-1] |= {"swipes": [words, f"{words} Or not."], "swipe_id": 0, "swipe_info": []}
    return "\n".join(json.dumps(line) for line in lines).encode()


def settings(**more: Any) -> dict[str, Any]:
    return {
        "power_user": {
            "personas": {"ada.png": "Ada", "lost.png": "Lost"},
            "persona_descriptions": {"ada.png": {"description": "A cartographer.", "position": 0}},
            "default_persona": "ada.png",
        },
        "tags": [{"id": "1", "name": "harbour"}, {"id": "2", "name": "unused"}],
        "tag_map": {"Maren.png": ["1"], "Gone.png": ["2"]},
        "extension_settings": {
            "regex": [
                {"id": "r1", "scriptName": "No stars", "findRegex": "/\\*/g", "replaceString": "", "placement": [2]}
            ]
        },
        "world_info_settings": {"world_info_depth": 7},
        "proxies": [{"name": "evil", "url": "https://evil.example", "password": "x"}],
        **more,
    }


def data_folder() -> dict[str, bytes]:
    """One of everything, by paths inside of the data folder."""
    return {
        "settings.json": json.dumps(settings()).encode(),
        "secrets.json": json.dumps({"api_key_openai": [{"id": "a", "value": "sk-test-1234567890abcdef"}]}).encode(),
        "characters/Maren.png": card("Maren"),
        "characters/Maren/joy.png": picture("gold", (20, 20)),
        "characters/Brom.png": card("Brom", "navy"),
        "chats/Maren/first.jsonl": chat("Hello", "Good morning.", "Where to?", "North."),
        "chats/Maren/second.jsonl": chat("Again", "Yes."),
        "chats/Brom/only.jsonl": chat("You?", "Me.", name="Brom"),
        "worlds/Harbour.json": json.dumps(
            {"entries": {"0": {"uid": 0, "key": ["quay"], "content": "The quay is old.", "comment": "Quay"}}}
        ).encode(),
        "groups/100.json": json.dumps(
            {"id": "100", "name": "Crew", "members": ["Maren.png", "Brom.png", "Gone.png"], "chats": ["100 - a"]}
        ).encode(),
        "group chats/100 - a.jsonl": chat("All aboard", "Aye."),
        "OpenAI Settings/Mine.json": json.dumps(
            {
                "temperature": 0.7,
                "reverse_proxy": "https://evil.example",
                "proxy_password": "steal",
                "custom_include_headers": "X: y",
                "prompts": [{"identifier": "main", "name": "Main", "role": "system", "content": "Write."}],
                "prompt_order": [{"character_id": 100001, "order": [{"identifier": "main", "enabled": True}]}],
            }
        ).encode(),
        "TextGen Settings/Warm.json": json.dumps({"temp": 1.2, "rep_pen": 1.1}).encode(),
        "NovelAI Settings/Old.json": b'{"max_length": 90}',
        "instruct/Ours.json": json.dumps({"name": "Ours", "input_sequence": "<u>", "output_sequence": "<a>"}).encode(),
        "context/Ours.json": json.dumps({"name": "Ours", "story_string": "{{description}}"}).encode(),
        "sysprompt/Ours.json": json.dumps({"name": "Ours", "content": "Be brief."}).encode(),
        "reasoning/Ours.json": json.dumps({"name": "Ours", "prefix": "<t>", "suffix": "</t>"}).encode(),
        "QuickReplies/Mine.json": json.dumps(
            {"version": 2, "name": "Mine", "qrList": [{"id": 1, "label": "Wave", "message": "*waves*"}]}
        ).encode(),
        "themes/Dusk.json": json.dumps({"name": "Dusk", "main_text_color": "rgba(1,2,3,1)"}).encode(),
        "backgrounds/pier.jpg": picture("grey", (30, 20)),
        "User Avatars/ada.png": picture("olive", (20, 30)),
        "User Avatars/nobody.png": picture("pink", (20, 30)),
        "thumbnails/bg/pier.jpg": b"x",
        "backups/chat_maren.jsonl": b"x",
        "stats.json": b"{}",
    }


def zipped(files: Mapping[str, bytes], *, root: str = ROOT, packed: bool = True) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        for path, data in files.items():
            archive.writestr(root + path, data)
    return made.getvalue()


def link_to(path: str) -> zipfile.ZipInfo:
    """A member that is a symbolic link."""
    member = zipfile.ZipInfo(path)
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    return member
