"""Writes docs/openapi.json: OpenAPI 3.1 of the REST doors, read from their signatures."""

import inspect
import json
import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from chalicelib.entrypoints.rest.door import Route
from cli.comments import field_comments
from cli.schemas import AllPresent

Use = Literal["body", "query", "answer"]
_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
_ERRORS = {
    401: "Nobody is signed in.",
    403: "Not allowed.",
    404: "Not there, or not yours.",
    409: "Somebody was faster; `yours` and `theirs` hold both versions where there are two.",
    413: "Too large.",
    415: "A Content-Type this door does not take.",
    422: "The request does not fit; `fields` says what is wrong with each.",
    429: "Too fast, or a quota is used up. `Retry-After` says when to come back.",
    500: "A mistake of ours, logged under `correlation_id`.",
    503: "A part does not answer. Try again after `Retry-After`.",
}
_PROBLEM = {
    "type": "object",
    "description": "What went wrong. Some codes carry more members than these.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string", "description": "A sentence for the person."},
                "fields": {"type": "object", "additionalProperties": {"type": "string"}},
                "correlation_id": {"type": "string"},
            },
        }
    },
}


def openapi(doors: tuple[Route, ...], *, version: str) -> dict[str, Any]:
    """The whole document."""
    schemas, definitions = _schemas(doors)
    paths: dict[str, dict[str, Any]] = {}
    for door in doors:
        paths.setdefault(door.path, {})[door.method.lower()] = _operation(door, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "TavernAI Plus",
            "version": version,
            "description": "The REST doors. Replies stream over the socket: see asyncapi.json.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api"}],
        "paths": paths,
        "components": {
            "schemas": definitions | {"Problem": _PROBLEM},
            "securitySchemes": {
                "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
                "refresh_cookie": {"type": "apiKey", "in": "cookie", "name": "tavern_refresh"},
            },
            "responses": {f"Error{status}": _problem(text) for status, text in _ERRORS.items()},
        },
    }


def _schemas(doors: tuple[Route, ...]) -> tuple[dict[tuple[Any, ...], Any], dict[str, Any]]:
    """JSON Schema by method, path and use; and the definitions they refer to."""
    asked = []
    for door in doors:
        uses: dict[Use, Any] = {"body": door.body, "query": door.query, "answer": door.returns}
        for use, hint in uses.items():
            if hint is not None and hint is not bytes:
                mode: Literal["serialization", "validation"] = "serialization" if use == "answer" else "validation"
                asked.append(((door.method, door.path, use), mode, TypeAdapter(hint)))
    # pydantic wants the key hashable and gives it back with the mode.
    found, rest = TypeAdapter.json_schemas(
        asked, ref_template="#/components/schemas/{model}", schema_generator=AllPresent
    )
    definitions = dict(sorted(_referred(found.values(), rest.get("$defs", {})).items()))
    models = {name.partition("-")[0]: model for name, model in _models(doors).items()}
    for name, schema in definitions.items():
        model = models.get(name.partition("-")[0])
        for field, text in (field_comments(model) if model else {}).items():
            if field in schema.get("properties", {}):
                schema["properties"][field].setdefault("description", text)
    return {key: schema for (key, _), schema in found.items()}, definitions


def _referred(roots: Iterable[Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions that are referred to, however far on.

    A field that is left out of answers leaves its type's definition behind, and by what was built before, not always.
    """
    kept: dict[str, Any] = {}
    pending = list(roots)
    while pending:
        for name in _REFERENCE.findall(json.dumps(pending.pop())):
            if name not in kept:
                kept[name] = definitions[name]
                pending.append(definitions[name])
    return kept


def _models(doors: tuple[Route, ...]) -> dict[str, type[BaseModel]]:
    """Every model of ours by name; names are unique, or the definitions would be told apart by their module."""
    found: dict[str, type[BaseModel]] = {}
    pending: list[type[BaseModel]] = [BaseModel]
    while pending:
        for model in pending.pop().__subclasses__():
            pending.append(model)
            if model.__module__.startswith("chalicelib.models."):
                found[model.__name__] = model
    return found


def _operation(door: Route, schemas: dict[tuple[Any, ...], Any]) -> dict[str, Any]:
    doc = inspect.getdoc(door.handler)
    operation: dict[str, Any] = {
        "operationId": door.name,
        "tags": [door.area],
        "summary": door.name.replace("_", " ").capitalize(),
        **({"description": doc} if doc else {}),
        "parameters": _parameters(door, schemas),
        "responses": _responses(door, schemas),
        "security": [{"access_token": []}] if door.signed_in else [],
    }
    if door.path == "/auth/refresh":
        operation["security"] = [{"refresh_cookie": []}]
    if door.body is bytes:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(door.raw, binary)}
    elif door.body is not None:
        content = {"application/json": {"schema": schemas[door.method, door.path, "body"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(door: Route, schemas: dict[tuple[Any, ...], Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"},
        }
        for name in door.path_ids
    ]
    if door.query is not None:
        schema, comments = TypeAdapter(door.query).json_schema(), field_comments(door.query)
        for name, field in schema.get("properties", {}).items():
            parameter = {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": field}
            found.append(parameter | ({"description": comments[name]} if name in comments else {}))
    if door.takes_idempotency_key:
        text = "A key of your choice: the same key with the same body acts once within a day."
        key = {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"}
        found.append({"name": "Idempotency-Key", "in": "header", "required": False, "schema": key, "description": text})
    return found


def _responses(door: Route, schemas: dict[tuple[Any, ...], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if door.text_type is not None:
        found["200"] = {"description": "Well.", "content": {door.text_type: {"schema": {"type": "string"}}}}
    elif door.returns is None:
        found["204"] = {"description": "Done."}
    else:
        schema = schemas[door.method, door.path, "answer"]
        found[str(door.status)] = {"description": "Well.", "content": {"application/json": {"schema": schema}}}
    statuses = [403, 429, 500, 503]
    statuses += [401] if door.signed_in or door.area == "auth" else []
    statuses += [404] if door.path_ids or door.query else []
    statuses += [409] if door.method != "GET" else []
    statuses += [413, 415] if door.body is not None else []
    statuses += [422]
    for status in sorted(statuses):
        found[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    found["default"] = {"$ref": "#/components/responses/Error500"}
    return found


def _problem(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {"application/json": {"schema": schema}}}
