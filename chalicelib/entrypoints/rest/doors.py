"""The areas of the REST API, a line each. app.py opens them; cli/contracts.py writes them down."""

from chalicelib.entrypoints.rest import (
    account,
    admin,
    auth,
    characters,
    chats,
    connections,
    groups,
    jobs,
    manifests,
    messages,
    moves,
    notes,
    personas,
    presets,
    quick_replies,
    scripts,
    search,
    templates,
    turns,
    uploads,
    variables,
    world_links,
    worlds,
)
from chalicelib.entrypoints.rest.routing import Route, Routes

AREAS: tuple[Routes, ...] = (
    auth.routes,
    account.routes,
    admin.routes,
    connections.routes,
    characters.routes,
    uploads.routes,
    jobs.routes,
    chats.routes,
    messages.routes,
    personas.routes,
    presets.routes,
    groups.routes,
    notes.routes,
    variables.routes,
    templates.routes,
    scripts.routes,
    quick_replies.routes,
    search.routes,
    turns.routes,
    worlds.routes,
    world_links.routes,
    manifests.routes,
    moves.routes,
)


def all_doors() -> tuple[Route, ...]:
    """Every REST door, ordered by path and method."""
    return tuple(sorted((door for area in AREAS for door in area.doors), key=lambda door: (door.path, door.method)))
