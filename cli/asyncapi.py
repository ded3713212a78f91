"""Writes docs/asyncapi.json (AsyncAPI 3.0) and docs/socket.md: every frame of the socket, with its JSON Schema."""

from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from chalicelib.models import frames
from cli.comments import field_comments, model_comment
from cli.schemas import AllPresent

UP: tuple[type[BaseModel], ...] = get_args(get_args(frames.UpFrame)[0])
DOWN: tuple[type[BaseModel], ...] = get_args(get_args(frames.DownFrame)[0])


def asyncapi(*, version: str) -> dict[str, Any]:
    """The whole document. We are the server: we receive what goes up and send what goes down."""
    schemas = _schemas()
    messages = {
        frame.__name__: {
            "name": _type(frame),
            "title": frame.__name__,
            "summary": model_comment(frame) or _type(frame),
            "contentType": "application/json",
            "payload": {"$ref": f"#/components/schemas/{frame.__name__}"},
        }
        for frame in (*UP, *DOWN)
    }
    channel = {
        "address": "/socket",
        "description": "One socket a browser, opened with a ticket from POST /socket-tickets as `?ticket=`.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "TavernAI Plus socket",
            "version": version,
            "description": f"Contract {frames.CONTRACT}. Text frames, one JSON object each.",
        },
        "channels": {"socket": channel},
        "operations": {
            "receive": _operation("receive", UP),
            "send": _operation("send", DOWN),
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def socket_md() -> str:
    """The page for people."""
    lines = [
        "# The socket",
        "",
        "<!-- Written by `make generate` from chalicelib/models/frames.py. Do not edit. -->",
        "",
        "A browser gets a one-time ticket with `POST /api/socket-tickets` and opens the address it names with",
        "`?ticket=…` within a minute. Every frame is one JSON object with a `type`. Fields that would be null are",
        "left out of the frames we send; unknown fields in frames sent to us are refused.",
        f"This is contract {frames.CONTRACT}; machines read [asyncapi.json](asyncapi.json).",
    ]
    for title, group in (("From the client", UP), ("To the client", DOWN)):
        lines += ["", f"## {title}"]
        for frame in group:
            lines += ["", f"### `{_type(frame)}`", ""]
            comment = model_comment(frame)
            lines += [comment, ""] if comment else []
            lines += _table(frame)
    return "\n".join([*lines, ""])


def _table(frame: type[BaseModel]) -> list[str]:
    is_up = frame in UP
    schema = TypeAdapter(frame).json_schema(
        mode="validation" if is_up else "serialization", schema_generator=AllPresent
    )
    comments = field_comments(frame)
    lines = ["| field | JSON | |", "|---|---|---|"]
    for name, field in schema["properties"].items():
        if name == "type":
            continue
        may_lack = name not in schema.get("required", ()) if is_up else _nullable(field)
        needed = "May be left out." if may_lack else ""
        meaning = " ".join(part for part in (comments.get(name, ""), needed) if part)
        lines.append(f"| `{name}` | {_spelled(field, schema.get('$defs', {}))} | {meaning} |")
    return lines if len(lines) > 2 else ["No fields besides `type`."]


def _spelled(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    """A JSON Schema in a few words."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        members = definitions.get(name, {}).get("properties", {})
        return f"object ({', '.join(f'`{member}`' for member in members)})"
    if "anyOf" in field:
        return " or ".join(_spelled(part, definitions) for part in field["anyOf"] if part.get("type") != "null")
    if "enum" in field:
        return " ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if "prefixItems" in field:
        return f"[{', '.join(_spelled(part, definitions) for part in field['prefixItems'])}]"
    if field.get("type") == "array":
        return f"list of {_spelled(field.get('items', {}), definitions)}"
    return str(field.get("type", "any"))


def _schemas() -> dict[str, Any]:
    up: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (frame.__name__, "validation", TypeAdapter(frame)) for frame in UP
    ]
    down: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (frame.__name__, "serialization", TypeAdapter(frame)) for frame in DOWN
    ]
    found, rest = TypeAdapter.json_schemas(
        [*up, *down], ref_template="#/components/schemas/{model}", schema_generator=AllPresent
    )
    schemas = dict(rest.get("$defs", {}))
    for frame in (*UP, *DOWN):
        schema = next(value for (key, _), value in found.items() if key == frame.__name__)
        if "$ref" not in schema:
            schemas[frame.__name__] = schema
        # What we send leaves out what is null.
        if frame in DOWN:
            members = schemas[frame.__name__]["properties"]
            kept = [name for name in schemas[frame.__name__].get("required", ()) if not _nullable(members[name])]
            schemas[frame.__name__]["required"] = kept
    return dict(sorted(schemas.items()))


def _nullable(field: dict[str, Any]) -> bool:
    return any(part.get("type") == "null" for part in field.get("anyOf", ()))


def _operation(action: str, group: tuple[type[BaseModel], ...]) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/socket/messages/{frame.__name__}"} for frame in group]
    return {"action": action, "channel": {"$ref": "#/channels/socket"}, "messages": messages}


def _type(frame: type[BaseModel]) -> str:
    return str(get_args(frame.model_fields["type"].annotation)[0])
