"""Doors of author's notes that belong to no chat."""

from chalicelib.container import container
from chalicelib.entrypoints.rest.routing import Routes
from chalicelib.models.notes import DefaultNote, DefaultNoteChange, NoteOfCharacter, NoteOfCharacterChange
from chalicelib.models.users import User

routes = Routes("notes")


@routes.get("/notes/default")
def get_default_note(user: User) -> DefaultNote:
    return container().notes.default(user.id)


@routes.patch("/notes/default")
def change_default_note(user: User, body: DefaultNoteChange) -> DefaultNote:
    return container().notes.change_default(user.id, body)


@routes.get("/characters/{character_id}/note")
def get_note_of_character(user: User, character_id: str) -> NoteOfCharacter:
    return container().notes.of_character(user.id, character_id)


@routes.patch("/characters/{character_id}/note")
def change_note_of_character(user: User, character_id: str, body: NoteOfCharacterChange) -> NoteOfCharacter:
    return container().notes.change_of_character(user.id, character_id, body)
