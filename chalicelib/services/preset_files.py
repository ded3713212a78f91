"""Preset files of SillyTavern in and out. What would set where a connection leads comes neither in nor out."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.errors import Conflict, InvalidPreset
from chalicelib.leaving.names import safe
from chalicelib.models.jobs import ReportLine
from chalicelib.models.presets import ImportedPreset, OpenPreset, PresetDownload, PresetImportQuery
from chalicelib.models.users import User
from chalicelib.presetfiles.fields import inner, text
from chalicelib.presetfiles.json_files import check_object, read_object, write_object
from chalicelib.presetfiles.kinds import kind_of, scripts_of
from chalicelib.presetfiles.private import without_private
from chalicelib.services.shaping import in_full

if TYPE_CHECKING:
    from chalicelib.services.presets import Presets
    from chalicelib.stores.files import Files

_NAME_CHARACTERS_MOST = 200


class PresetFiles:
    def __init__(self, *, presets: "Presets", files: "Files") -> None:
        self._presets, self._files = presets, files

    def bring(self, owner_id: str, data: bytes, query: PresetImportQuery) -> ImportedPreset:
        """A file that a person brings in: where a preset of its kind and name is there already, as they want it.

        Raises InvalidPreset, TooLarge, Conflict.
        """
        read = _read(read_object(data), query.filename)
        there = self._presets.named(owner_id, read.title, read.kind) if query.there != "add" else []
        same = next((one for one in there if one.file == read.file), None)
        if same is not None:
            return _told_only(read, same, "This preset is here already.", "duplicate")
        if not there:
            return self._add(owner_id, read, None)
        if query.there == "tell":
            return _told_only(read, there[0], "Another preset of this name is here already.", "same_name")
        preset = self._presets.replace_file(owner_id, there[0], read.file)
        return ImportedPreset(line=_line(read, preset.id), preset=preset)

    def take(self, owner_id: str, data: bytes, filename: str, *, preset_id: str | None = None) -> ImportedPreset:
        """What became of a file: a new preset. With an id that is there already, nothing.

        Raises InvalidPreset, TooLarge.
        """
        return self.take_object(owner_id, read_object(data), filename, preset_id=preset_id)

    def take_object(
        self, owner_id: str, given: dict[str, Any], filename: str, *, preset_id: str | None = None
    ) -> ImportedPreset:
        """The same of a file that was read, or of a part of one: SillyTavern's settings hold presets, too."""
        return self._add(owner_id, _read(given, filename), preset_id)

    def export(self, user: User, preset_id: str) -> PresetDownload:
        """Where to fetch the preset's file."""
        preset = self._presets.get(user.id, preset_id)
        file, dropped = without_private(_file_of(preset))
        key = f"{user.id}/presets/{preset_id}/exports/{preset.revision}.json"
        self._files.put(key, write_object(file), "application/json")
        found = self._files.download(key, f"{safe(preset.name) or 'preset'}.json")
        return PresetDownload(**dict(found), dropped=dropped)

    def pack(self, preset: OpenPreset) -> bytes:
        """The preset as SillyTavern's file; a plain one is written out in full."""
        return write_object(without_private(_file_of(preset))[0])

    def _add(self, owner_id: str, read: "_Read", preset_id: str | None) -> ImportedPreset:
        try:
            preset = self._presets.add_file(owner_id, read.title, read.kind, read.file, preset_id)
        except Conflict:
            note = "This preset is here already."
            line = ReportLine(name=read.name, outcome="left_out", note=note, id=preset_id, code="duplicate")
            return ImportedPreset(line=line)
        return ImportedPreset(line=_line(read, preset.id), preset=preset)


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that was looked at."""

    name: str
    title: str
    kind: str
    file: dict[str, Any]
    dropped: list[str]


def _read(given: dict[str, Any], filename: str) -> _Read:
    """Raises InvalidPreset, TooLarge."""
    check_object(given)
    name = PurePosixPath(filename.replace("\\", "/")).name or "preset.json"
    # Several things may travel in one file; of those this is the preset.
    inside = inner(given, "preset")
    file, dropped = without_private(inside if kind_of(inside) == "text" else given)
    kind = kind_of(file)
    if kind is None:
        raise InvalidPreset("This file holds no preset for chat or text completion.")
    title = name.removesuffix(".json").strip() if filename else text(file, "name")
    return _Read(name, (title or "Preset")[:_NAME_CHARACTERS_MOST], kind, file, dropped)


def _line(read: _Read, preset_id: str) -> ReportLine:
    outcome: Literal["changed", "taken"] = "changed" if read.dropped else "taken"
    return ReportLine(name=read.name, outcome=outcome, note=_told(read.file, read.dropped), id=preset_id)


def _told_only(read: _Read, there: OpenPreset, note: str, code: str) -> ImportedPreset:
    return ImportedPreset(line=ReportLine(name=read.name, outcome="left_out", note=note, id=there.id, code=code))


def _file_of(preset: OpenPreset) -> dict[str, Any]:
    return in_full(preset) if preset.kind == "plain" else preset.file


def _told(file: dict[str, Any], dropped: list[str]) -> str:
    said = []
    if dropped:
        said.append(f"Left out, since a preset never says where a connection leads: {', '.join(dropped)[:500]}.")
    if scripts := len(scripts_of(file)):
        said.append(
            f"It brings {scripts} regex {'script' if scripts == 1 else 'scripts'}, which run only if you allow it."
        )
    return " ".join(said)
