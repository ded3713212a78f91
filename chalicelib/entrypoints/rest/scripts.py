"""Doors of regex scripts."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Request, Routes
from chalicelib.models.scripts import (
    CameList,
    CameScriptsChange,
    NewScript,
    PermissionAsked,
    Script,
    ScriptChange,
    ScriptFiles,
    ScriptList,
    ScriptOrder,
    ScriptsAsked,
    ScriptsFile,
    ScriptsInChat,
    ScriptsOf,
    ScriptTried,
    ScriptTry,
    TakenScripts,
)
from chalicelib.models.users import User

routes = Routes("scripts", prefix="/scripts")
_FILE_BYTES_MOST = 4_000_000


@routes.get()
def list_scripts(user: User) -> ScriptList:
    return container().scripts.list(user.id)


@routes.post(status=201)
def create_script(user: User, body: NewScript, request: Request) -> Script:
    return container().scripts.add(user, body, request.idempotency_key)


@routes.post("/import", status=201, most_bytes=_FILE_BYTES_MOST)
def import_scripts(user: User, body: ScriptFiles) -> TakenScripts:
    return container().scripts.take(user, body)


@routes.post("/export")
def export_scripts(user: User, body: ScriptsAsked) -> ScriptsFile:
    return container().scripts.export(user, body)


@routes.put("/order")
def order_scripts(user: User, body: ScriptOrder) -> ScriptList:
    return container().scripts.order(user, body)


@routes.post("/try")
def try_script(user: User, body: ScriptTry) -> ScriptTried:
    return container().scene_scripts.tried(user, body)


@routes.patch("/{script_id}")
def change_script(user: User, script_id: str, body: ScriptChange) -> Script:
    return container().scripts.change(user, script_id, body)


@routes.delete("/{script_id}")
def delete_script(user: User, script_id: str) -> None:
    container().scripts.delete(user, script_id)


@routes.get("/came")
def list_answered_scripts(user: User) -> CameList:
    return container().came_scripts.list(user)


@routes.get("/chats/{chat_id}")
def scripts_in_chat(user: User, chat_id: str) -> ScriptsInChat:
    return container().scene_scripts.in_chat(user, chat_id)


@routes.get("/characters/{character_id}")
def scripts_of_character(user: User, character_id: str) -> ScriptsOf:
    return container().scene_scripts.of_character(user, character_id)


@routes.put("/characters/{character_id}")
def change_scripts_of_character(user: User, character_id: str, body: CameScriptsChange) -> ScriptsOf:
    return container().came_scripts.change_of_character(user, character_id, body)


@routes.put("/characters/{character_id}/permission")
def answer_scripts_of_character(user: User, character_id: str, body: PermissionAsked) -> ScriptsOf:
    scripts = container().scene_scripts
    return scripts.answer(user, scripts.of_character, character_id, body)


@routes.get("/presets/{preset_id}")
def scripts_of_preset(user: User, preset_id: str) -> ScriptsOf:
    return container().scene_scripts.of_preset(user, preset_id)


@routes.put("/presets/{preset_id}")
def change_scripts_of_preset(user: User, preset_id: str, body: CameScriptsChange) -> ScriptsOf:
    return container().came_scripts.change_of_preset(user, preset_id, body)


@routes.put("/presets/{preset_id}/permission")
def answer_scripts_of_preset(user: User, preset_id: str, body: PermissionAsked) -> ScriptsOf:
    scripts = container().scene_scripts
    return scripts.answer(user, scripts.of_preset, preset_id, body)
