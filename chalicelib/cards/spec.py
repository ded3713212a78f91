"""Any version of a card -> version 3, nothing lost: unknown keys stay, known ones of a wrong kind are mended and noted.

Source: character-card-spec-v1, -v2, -v3; what other programs write is restated in docs/decisions/0005-cards.md.
"""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from chalicelib.errors import InvalidCard
from chalicelib.models.cards import Card

_PYGMALION = {
    "char_name": "name",
    "char_persona": "description",
    "char_greeting": "first_mes",
    "example_dialogue": "mes_example",
    "world_scenario": "scenario",
}
_YAML = {"context": "description", "greeting": "first_mes"}
_AGNAI = {
    "greeting": "first_mes",
    "sampleChat": "mes_example",
    "characterBook": "character_book",
    "alternateGreetings": "alternate_greetings",
    "systemPrompt": "system_prompt",
    "postHistoryInstructions": "post_history_instructions",
}
_V1 = ("description", "personality", "scenario", "first_mes", "mes_example")


def to_card(raw: Any, notes: list[str], *, name: str = "") -> Card:
    """The card in a plain value; `name` is used where it has none. Raises InvalidCard."""
    if not isinstance(raw, dict):
        raise InvalidCard("This file holds no character: its data is not an object.", code="no_card")
    top, data = _parts(raw, notes)
    data = _fitted(data, _DATA, notes, "")
    if not str(data.get("name", "")).strip():
        data["name"] = name or "Unnamed"
        notes.append("The card has no name; the file's was taken.")
    try:
        return Card.model_validate({**top, "spec": "chara_card_v3", "spec_version": _version(raw, notes), "data": data})
    except ValidationError as error:
        fields = {".".join(map(str, e["loc"])): e["msg"] for e in error.errors()}
        raise InvalidCard("Some fields of this card have a form that cannot be read.", fields=fields) from None


def _parts(raw: dict[str, Any], notes: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands beside `data`, and `data`. `spec` decides first: exports carry V1's fields at their top as well."""
    spec, inner = raw.get("spec"), raw.get("data")
    if (isinstance(spec, str) and spec.startswith("lorebook")) or _is_world(raw):
        raise InvalidCard("This is a world, not a character.", code="not_a_character")
    if isinstance(inner, dict) and (isinstance(spec, str) or "name" in inner):
        if spec not in ("chara_card_v2", "chara_card_v3"):
            notes.append("The card does not say its version; it was read as version 3.")
        return {key: value for key, value in raw.items() if key not in ("spec", "spec_version", "data")}, inner
    if "char_name" in raw or "char_persona" in raw:
        return {}, _renamed(raw, _PYGMALION)
    if isinstance(raw.get("persona"), dict) and "greeting" in raw:
        return {}, {"description": _persona_text(raw["persona"]), **_renamed(raw, _AGNAI)}
    if "name" in raw and ("context" in raw or "greeting" in raw):
        return {}, _renamed(raw, _YAML)
    if "name" in raw and any(field in raw for field in _V1):
        return {}, {key: value for key, value in raw.items() if key not in ("spec", "spec_version")}
    raise InvalidCard("This file holds no character that can be recognised.", code="no_card")


def _is_world(raw: dict[str, Any]) -> bool:
    return "entries" in raw and "data" not in raw and "first_mes" not in raw


def _renamed(raw: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Fields under our names; one that is there twice keeps the one with our name, the other stays as it came."""
    renamed = {new: raw[old] for old, new in names.items() if old in raw and new not in raw}
    return {key: value for key, value in raw.items() if names.get(key) not in renamed} | renamed


def _persona_text(persona: dict[str, Any]) -> str:
    """Agnai's persona: attributes, each a list of texts."""
    attributes = persona.get("attributes")
    if not isinstance(attributes, dict):
        return ""
    lines = []
    for key, values in attributes.items():
        text = ", ".join(map(str, values)) if isinstance(values, list) else str(values)
        lines.append(text if key == "text" else f"{key}: {text}")
    return "\n".join(lines)


def _version(raw: dict[str, Any], notes: list[str]) -> str:
    """`spec_version`, compared as a number as the specification says; a newer one is read as far as it is known."""
    given = raw.get("spec_version") if raw.get("spec") == "chara_card_v3" else None
    try:
        number = float(given) if isinstance(given, str | int | float) else 3.0
    except ValueError:
        return "3.0"
    if not number > 3.0:
        return "3.0"
    notes.append(f"The card is of version {given}, newer than 3.0; what is unknown was kept as it is.")
    return str(given)


# --- fields of a wrong kind

Fitter = Callable[[Any, list[str], str], Any]
_LEFT_OUT = object()


def _fitted(raw: dict[str, Any], table: Mapping[str, Fitter], notes: list[str], path: str) -> dict[str, Any]:
    fitted = {}
    for key, value in raw.items():
        fit = table.get(key)
        new = fit(value, notes, f"{path}{key}") if fit else value
        if new is _LEFT_OUT:
            notes.append(f"The field {path}{key} has a form that cannot be read and was left out.")
            continue
        fitted[key] = new
    return fitted


def _text(value: Any, notes: list[str], path: str) -> Any:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    return str(value) if isinstance(value, int | float) else _LEFT_OUT


def _texts(value: Any, notes: list[str], path: str) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()] if path.endswith(_COMMA) else [value]
    if value is None:
        return []
    if not isinstance(value, list):
        return _LEFT_OUT
    kept = [str(item) for item in value if isinstance(item, str | int | float)]
    if len(kept) < len(value):
        notes.append(f"Parts of the field {path} cannot be read and were left out.")
    return kept


_COMMA = ("tags", "keys")


def _or_none(fit: Fitter) -> Fitter:
    return lambda value, notes, path: None if value is None else fit(value, notes, path)


def _number(value: Any, notes: list[str], path: str) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return int(value) if value == int(value) and abs(value) < 2**53 else value
    try:
        return _number(float(value), notes, path) if isinstance(value, str) else _LEFT_OUT
    except (ValueError, OverflowError):
        return _LEFT_OUT


def _whole(value: Any, notes: list[str], path: str) -> Any:
    number = _number(value, notes, path)
    return int(number) if isinstance(number, float) else number


def _flag(value: Any, notes: list[str], path: str) -> Any:
    if isinstance(value, str):
        return value.strip().lower() in ("true", "1", "yes", "on")
    return bool(value) if isinstance(value, bool | int | float) else _LEFT_OUT


def _identifier(value: Any, notes: list[str], path: str) -> Any:
    return value if isinstance(value, str) else _whole(value, notes, path)


def _object(value: Any, notes: list[str], path: str) -> Any:
    return value if isinstance(value, dict) else {} if not value else _LEFT_OUT


def _text_by_language(value: Any, notes: list[str], path: str) -> Any:
    if not isinstance(value, dict):
        return _LEFT_OUT
    return {key: text for key, text in value.items() if isinstance(text, str)}


def _each(table_name: str) -> Fitter:
    def fit(value: Any, notes: list[str], path: str) -> Any:
        if isinstance(value, dict):  # SillyTavern's world files number their entries
            value = list(value.values())
        if not isinstance(value, list):
            return _LEFT_OUT
        kept = [item for item in value if isinstance(item, dict)]
        if len(kept) < len(value):
            notes.append(f"Parts of the field {path} cannot be read and were left out.")
        return [_fitted(item, _TABLES[table_name], notes, f"{path}[{at}].") for at, item in enumerate(kept)]

    return fit


def _book(value: Any, notes: list[str], path: str) -> Any:
    if isinstance(value, list):
        value = {"entries": value}
    return _fitted(value, _BOOK, notes, f"{path}.") if isinstance(value, dict) else _LEFT_OUT


_DATA: dict[str, Fitter] = {
    **dict.fromkeys(("name", *_V1, "creator_notes", "system_prompt", "post_history_instructions"), _text),
    **dict.fromkeys(("creator", "character_version"), _text),
    **dict.fromkeys(("alternate_greetings", "group_only_greetings", "tags"), _texts),
    "nickname": _or_none(_text),
    "source": _or_none(_texts),
    "extensions": _object,
    "character_book": _or_none(_book),
    "assets": _or_none(_each("asset")),
    "creator_notes_multilingual": _or_none(_text_by_language),
    "creation_date": _or_none(_whole),
    "modification_date": _or_none(_whole),
}
_BOOK: dict[str, Fitter] = {
    "name": _or_none(_text),
    "description": _or_none(_text),
    "scan_depth": _or_none(_whole),
    "token_budget": _or_none(_whole),
    "recursive_scanning": _or_none(_flag),
    "extensions": _object,
    "entries": _each("entry"),
}
_ENTRY: dict[str, Fitter] = {
    "keys": _texts,
    "content": _text,
    "extensions": _object,
    "enabled": _flag,
    "insertion_order": _number,
    "use_regex": _flag,
    **dict.fromkeys(("case_sensitive", "constant", "selective"), _or_none(_flag)),
    **dict.fromkeys(("name", "comment"), _or_none(_text)),
    "priority": _or_none(_number),
    "id": _or_none(_identifier),
    "secondary_keys": _or_none(_texts),
    "position": _or_none(_identifier),
}
_ASSET: dict[str, Fitter] = dict.fromkeys(("type", "uri", "name", "ext"), _text)
_TABLES = {"entry": _ENTRY, "asset": _ASSET}
