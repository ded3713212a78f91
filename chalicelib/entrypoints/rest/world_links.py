"""Doors of where worlds are: everywhere, with a character, in a chat, with a persona; and how they are scanned."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.cards import Book
from chalicelib.models.kept_worlds import WorldSummary
from chalicelib.models.users import User
from chalicelib.models.world_links import WorldLinks, WorldLinksChange, WorldSettingsChange, WorldsOfChat, WorldUse
from chalicelib.models.worlds import WorldSettings

routes = Routes("world_links")


@routes.get("/worlds/everywhere")
def list_worlds_everywhere(user: User) -> WorldLinks:
    return container().world_linking.everywhere(user)


@routes.put("/worlds/everywhere")
def choose_worlds_everywhere(user: User, body: WorldLinksChange) -> WorldLinks:
    return container().world_linking.choose(user, body)


@routes.get("/worlds/uses")
def list_uses_of_worlds(user: User) -> list[WorldUse]:
    return container().world_linking.uses(user)


@routes.get("/worlds/settings")
def get_world_settings(user: User) -> WorldSettings:
    return container().world_linking.settings(user)


@routes.patch("/worlds/settings")
def change_world_settings(user: User, body: WorldSettingsChange) -> WorldSettings:
    return container().world_linking.change_settings(user, body)


@routes.get("/characters/{character_id}/worlds")
def list_worlds_of_character(user: User, character_id: str) -> WorldLinks:
    return container().world_linking.of_character(user, character_id)


@routes.put("/characters/{character_id}/worlds")
def choose_worlds_of_character(user: User, character_id: str, body: WorldLinksChange) -> WorldLinks:
    return container().world_linking.link_character(user, character_id, body)


@routes.post("/characters/{character_id}/book/world", status=201)
def make_world_of_book(user: User, character_id: str) -> WorldSummary:
    return container().world_linking.unfold_book(user, character_id)


@routes.get("/worlds/{world_id}/book")
def show_world_as_book(user: User, world_id: str) -> Book:
    return container().world_linking.book_of(user.id, world_id)


@routes.get("/personas/{persona_id}/worlds")
def list_worlds_of_persona(user: User, persona_id: str) -> WorldLinks:
    return container().world_linking.of_persona(user, persona_id)


@routes.put("/personas/{persona_id}/worlds")
def choose_worlds_of_persona(user: User, persona_id: str, body: WorldLinksChange) -> WorldLinks:
    return container().world_linking.link_persona(user, persona_id, body)


@routes.get("/chats/{chat_id}/worlds")
def list_worlds_of_chat(user: User, chat_id: str) -> WorldsOfChat:
    return container().world_linking.of_chat(user, chat_id)


@routes.put("/chats/{chat_id}/worlds")
def choose_worlds_of_chat(user: User, chat_id: str, body: WorldLinksChange) -> WorldsOfChat:
    return container().world_linking.link_chat(user, chat_id, body)
