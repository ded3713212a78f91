"""Presets, templates, regex scripts and quick replies of a move: files that are kept as they are."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.errors import NotFound
from chalicelib.models.kept_templates import TemplateFile, TemplateKind, TemplateQuery
from chalicelib.models.quick_replies import QuickSetFile
from chalicelib.models.scripts import ScriptFiles
from chalicelib.models.shapes import PageQuery
from chalicelib.moving.addresses import without_addresses
from chalicelib.moving.pieces import read_object
from chalicelib.services.move_items import Errand, Read, Taken, changed, taken

if TYPE_CHECKING:
    from chalicelib.services.keepsakes import Keepsakes
    from chalicelib.services.preset_files import PresetFiles
    from chalicelib.services.presets import Presets
    from chalicelib.services.quick_replies import QuickReplies
    from chalicelib.services.scripts import Scripts
    from chalicelib.services.templates import Templates

_FOR_THE_WAY_BACK = ("KoboldAI Settings", "NovelAI Settings")
_KINDS: Mapping[str, TemplateKind] = {
    "instruct": "instruct",
    "context": "context",
    "sysprompt": "system",
    "reasoning": "reasoning",
}


class MovedPresets:
    def __init__(self, *, presets: "Presets", preset_files: "PresetFiles", keepsakes: "Keepsakes") -> None:
        self._presets, self._files, self._keepsakes = presets, preset_files, keepsakes

    def is_here(self, errand: Errand, became: str) -> bool:
        if "#" in became:
            return self._keepsakes.is_here(errand, became)
        return self._presets.find(errand.owner_id, became) is not None

    def take(self, errand: Errand, read: Read) -> Taken:
        if read.item.folder in _FOR_THE_WAY_BACK:
            return self._keepsakes.take(errand, read)
        preset_id = errand.id_of(read.position)
        if self.is_here(errand, preset_id):
            return taken(preset_id)
        file, gone = without_addresses(read_object(read.data))
        name = errand.free_name("presets", read.item.name, lambda: self._names(errand))
        line = self._files.take_object(errand.owner_id, file, f"{name}.json", preset_id=preset_id).line
        notes = (line.note,) if line.note else ()
        if gone:
            return changed(preset_id, "no_addresses", *notes, fields=", ".join(gone)[:300])
        if name != read.item.name:
            return changed(preset_id, "kept_both", *notes, name=name)
        return taken(preset_id, *notes)

    def _names(self, errand: Errand) -> Iterator[str]:
        cursor: str | None = None
        while True:
            page = self._presets.list(errand.user, PageQuery(cursor=cursor, limit=100))
            yield from (preset.name for preset in page.items)
            cursor = page.next
            if cursor is None:
                return


class MovedTemplates:
    def __init__(self, *, templates: "Templates") -> None:
        self._templates = templates

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            self._templates.get(errand.owner_id, became)
        except NotFound:
            return False
        return True

    def take(self, errand: Errand, read: Read) -> Taken:
        template_id = errand.id_of(read.position)
        if self.is_here(errand, template_id):
            return taken(template_id)
        return self.keep(errand, _KINDS[read.item.folder], read.item.name, read_object(read.data), template_id)

    def keep(self, errand: Errand, kind: TemplateKind, called: str, file: dict[str, Any], template_id: str) -> Taken:
        """A template under an id of the caller's; with an id that is here already, that one as it is."""
        if self.is_here(errand, template_id):
            return taken(template_id)
        # Templates of several kinds share their names: that is how they are chosen together.
        name = errand.free_name("templates", f"{kind}/{called}", lambda: self._names(errand))
        name = name.partition("/")[2]
        if name != called:
            file["name"] = name
        self._templates.take(
            errand.user, TemplateFile(name=called[:200], file=file, kind=kind), template_id=template_id
        )
        return changed(template_id, "kept_both", name=name) if name != called else taken(template_id)

    def _names(self, errand: Errand) -> Iterator[str]:
        cursor: str | None = None
        while True:
            page = self._templates.list(errand.user, TemplateQuery(cursor=cursor, limit=100))
            yield from (f"{template.kind}/{template.name}" for template in page.items)
            cursor = page.next
            if cursor is None:
                return


class MovedScripts:
    def __init__(self, *, scripts: "Scripts") -> None:
        self._scripts = scripts

    def is_here(self, errand: Errand, became: str) -> bool:
        return any(script.id == became for script in self._scripts.list(errand.owner_id).items)

    def take(self, errand: Errand, read: Read) -> Taken:
        script_id = errand.id_of(read.position)
        if not self.is_here(errand, script_id):
            file = errand.plan.pieces.scripts[int(read.item.place.rpartition("/")[2])]
            self._scripts.take(errand.user, ScriptFiles(files=[file]), script_id=script_id)
        return taken(script_id)


class MovedQuickReplies:
    def __init__(self, *, quick_replies: "QuickReplies") -> None:
        self._sets = quick_replies

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            self._sets.get(errand.owner_id, became)
        except NotFound:
            return False
        return True

    def take(self, errand: Errand, read: Read) -> Taken:
        set_id = errand.id_of(read.position)
        if not self.is_here(errand, set_id):
            asked = QuickSetFile(name=read.item.name[:200], file=read_object(read.data))
            self._sets.take(errand.user, asked, set_id=set_id)
        return taken(set_id)
