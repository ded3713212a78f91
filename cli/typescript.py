"""Writes web/src/api/schema.ts: the models of the REST doors and of the socket's frames as TypeScript.

What we answer has every field, for defaults are always sent; what is asked of us may leave out what has a default.
Frames leave out what is null. Names of models, and of literal types in the models' modules, are kept.
"""

import importlib
import pkgutil
import types
import typing
from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

import chalicelib.models
from chalicelib.entrypoints.rest.door import Route
from chalicelib.models import frames
from cli.comments import field_comments, model_comment

_HEAD = """\
// Written by `make generate` from the models and the REST doors. Do not edit.
"""
_PLAIN = {
    str: "string",
    SecretStr: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    bytes: "Blob",
    type(None): "null",
    Any: "unknown",
}


def schema_ts(doors: tuple[Route, ...]) -> str:
    """The whole file."""
    writer = _Writer()
    for door in doors:
        for hint in (door.body, door.query, door.returns):
            if hint is not None:
                writer.type_of(hint)
    for alias in ("UpFrame", "DownFrame"):
        writer.type_of(getattr(frames, alias))
    return "\n".join([_HEAD, *(text for _, text in sorted(writer.written.items())), _operations(writer, doors)])


class _Writer:
    def __init__(self) -> None:
        self.written: dict[str, str] = {}
        self._begun: set[Any] = set()
        self._aliases = dict(_literal_names())

    def type_of(self, hint: Any) -> str:
        """The TypeScript for a hint; declares what it names on the way."""
        hint = _bare(hint)
        name: str | None = self._aliases.get(_key(hint))
        if name is not None:
            if name not in self._begun:
                self._begun.add(name)
                self._write(name, f"export type {name} = {self._spelled(hint)}\n")
            return name
        return self._spelled(hint)

    def _write(self, name: str, text: str) -> None:
        """Raises TypeError when something else has the name already: one of the two would be lost, in silence."""
        if self.written.setdefault(name, text) != text:
            raise TypeError(f"two different types are called {name}")

    def _spelled(self, hint: Any) -> str:
        if hint in _PLAIN:
            return str(_PLAIN[hint])
        origin, arguments = get_origin(hint), get_args(hint)
        if origin is Literal:
            return " | ".join(_quoted(value) for value in arguments)
        if origin in (Union, types.UnionType):
            # None comes last, whatever the order in Python.
            parts = sorted((self.type_of(part) for part in arguments), key=lambda part: part == "null")
            return " | ".join(dict.fromkeys(parts))
        if origin in (list, set, frozenset):
            return _list_of(self.type_of(arguments[0]))
        if origin is tuple:
            if arguments[-1] is Ellipsis:
                return _list_of(self.type_of(arguments[0]))
            return f"[{', '.join(self.type_of(part) for part in arguments)}]"
        if origin is dict:
            return f"Record<{self.type_of(arguments[0])}, {self.type_of(arguments[1])}>"
        if isinstance(hint, TypeVar):
            return hint.__name__
        if isinstance(hint, type) and issubclass(hint, Enum):
            values = " | ".join(_quoted(member.value) for member in hint)
            self._write(hint.__name__, f"export type {hint.__name__} = {values}\n")
            return hint.__name__
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            return self._model(hint)
        if getattr(hint, "__name__", "") in ("datetime", "date", "AwareDatetime"):
            return "string"
        raise TypeError(f"no TypeScript for {hint!r}")

    def _model(self, model: type[BaseModel]) -> str:
        generic = model.__pydantic_generic_metadata__
        if generic["origin"] is not None:
            self._declare(generic["origin"])
            return f"{generic['origin'].__name__}<{', '.join(self.type_of(part) for part in generic['args'])}>"
        self._declare(model)
        return model.__name__

    def _declare(self, model: type[BaseModel]) -> None:
        name = model.__name__
        if model in self._begun:
            return
        self._begun.add(model)
        parameters = model.__pydantic_generic_metadata__["parameters"]
        letters = f"<{', '.join(letter.__name__ for letter in parameters)}>" if parameters else ""
        is_asked = model.model_config.get("extra") == "forbid"
        is_frame = model.__module__ == frames.__name__ and not is_asked
        hints, comments = typing.get_type_hints(model), field_comments(model)
        lines = [f"export interface {name}{letters} {{"]
        for field, info in model.model_fields.items():
            if info.exclude:
                continue
            hint = self.type_of(hints[field])
            may_lack = (is_asked and not info.is_required()) or (is_frame and "null" in hint.split(" | "))
            if field in comments:
                lines.append(f"  /** {comments[field]} */")
            lines.append(f"  {field}{'?' if may_lack else ''}: {hint}")
        if model.model_config.get("extra") == "allow":
            lines.append("  [key: string]: unknown")
        comment = model_comment(model)
        self._write(name, "\n".join([*([f"/** {comment} */"] if comment else []), *lines, "}", ""]))


def _operations(writer: _Writer, doors: tuple[Route, ...]) -> str:
    lines = ["/** Every REST door: what it takes and answers. */", "export interface Operations {"]
    for door in doors:
        parts = {"query": door.query, "body": door.body, "answer": door.returns}
        spelled = "; ".join(f"{part}: {writer.type_of(hint) if hint else 'void'}" for part, hint in parts.items())
        lines.append(f"  '{door.method} {door.path}': {{ {spelled} }}")
    return "\n".join([*lines, "}", ""])


def _literal_names() -> Iterator[tuple[Any, str]]:
    """Names that the models' modules give to literal types and to unions of models."""
    for found in pkgutil.iter_modules(chalicelib.models.__path__):
        module = importlib.import_module(f"chalicelib.models.{found.name}")
        for name, value in vars(module).items():
            bare = _bare(value)
            if get_origin(bare) in (Literal, Union, types.UnionType) and name[0].isupper():
                yield _key(bare), name


def _key(hint: Any) -> Any:
    """Literals with the same values in another order are different types to us, unlike to Python."""
    return (get_origin(hint), get_args(hint)) if get_args(hint) else hint


def _bare(hint: Any) -> Any:
    while get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return hint


def _list_of(item: str) -> str:
    return f"({item})[]" if " | " in item else f"{item}[]"


def _quoted(value: Any) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()
