"""One of everything that somebody can own, made through the REST doors."""

from typing import Any

from tests.support.people import ApiUser

CARD = {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Brom", "first_mes": "Well met."}}


def belongings(ada: ApiUser) -> dict[str, str]:
    """Makes one of everything; ids by the names that paths give them."""

    def made(path: str, body: Any) -> Any:
        answer = ada.post(path, body)
        assert answer.status in (200, 201, 202), (path, answer)
        return answer.json

    character = made("/characters", {"card": CARD})["id"]
    chat = made("/chats", {"character_id": character})
    opened = ada.get(f"/chats/{chat['id']}").json
    upload = {"filename": "a.json", "size": 10, "content_type": "application/json"}
    turn = made(f"/chats/{chat['id']}/turns", {"text": "Hello"})
    entries = {"48213507": {"uid": 48213507, "content": "Brom keeps bees."}}
    world = made("/worlds/import", {"entries": entries})["world"]["id"]
    return {
        "user_id": ada.id,
        "session_id": ada.get("/account/sessions").json[0]["id"],
        "character_id": character,
        "chat_id": chat["id"],
        "branch_id": chat["branch_id"],
        "message_id": opened["page"]["messages"][0]["id"],
        "turn_id": turn["turn"]["id"],
        "generation_id": turn["generations"][0]["id"],
        "persona_id": made("/personas", {"name": "Me"})["id"],
        "group_id": made("/groups", {"name": "Us", "members": [{"character_id": character}]})["id"],
        "preset_id": made("/presets", {"name": "Mine"})["id"],
        "template_id": made("/templates", {"name": "Mine", "system": {"text": "Hello"}})["id"],
        "script_id": made("/scripts", {"name": "Mine", "find": "a"})["id"],
        "set_id": made("/quick-replies", {"name": "Mine"})["id"],
        "connection_id": made("/connections", {"name": "Mine", "kind": "demo"})["id"],
        "move_id": made("/moves", {"name": "a.zip", "size": 10, "kinds": ["characters"]})["id"],
        "upload_id": made("/uploads", upload)["id"],
        "world_id": world,
        "entry_id": "48213507",
        "job_id": made("/account/export", {})["id"],
    }
