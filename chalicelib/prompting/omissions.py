"""What could have been in a prompt and is not, and why: entries of worlds, fields, notes, examples, prompts.

Found by comparing what there was with what came out, after the prompt is made: nothing of it costs a reply time.
"""

from collections.abc import Iterator

from chalicelib.models.prompt import LeftOut
from chalicelib.models.worlds import EntryPlace
from chalicelib.prompting.lore.asking import Considered, Verdict
from chalicelib.prompting.material import Material
from chalicelib.prompting.notes import is_due
from chalicelib.prompting.parts import EXAMPLES, MAIN, POST_HISTORY, SOURCES, is_overridden

SILENT_MOST = 200
"""Entries, none of whose keys was said, are listed in worlds of together so many; of more they are only counted."""
_KEYS_MOST = 8
_NOTED: tuple[EntryPlace, ...] = ("note_top", "note_bottom")
_EXAMPLES: tuple[EntryPlace, ...] = ("examples_top", "examples_bottom")


def omissions(material: Material, present: set[str], known: list[LeftOut]) -> list[LeftOut]:
    """`present` are the sources of the prompt's blocks, `known` what is known to be left out already."""
    said = {one.source for one in known}
    found = [
        *_prompts(material),
        *_fields(material, present, said),
        *_notes(material, present, said),
        *_injections(material, present, said),
        *_homeless(material, present),
        *_entries(material),
    ]
    return [one for one in found if one.source not in said or one.reason == "replaced"]


def silent(material: Material) -> int:
    """How many entries had none of their keys said and are not listed."""
    if material.scanned is None or _count(material) <= SILENT_MOST:
        return 0
    return _count(material) - sum(1 for _ in material.scanned.judged())


def source_of(one: Considered) -> str:
    return f"world:{one.shelf.world.name}:{one.entry.uid}"


def _count(material: Material) -> int:
    return sum(len(shelf.world.entries) for shelf in material.scene.shelves)


def _prompts(material: Material) -> Iterator[LeftOut]:
    """The preset's prompts that the card's stand in for, and the card's that are not wanted."""
    if material.scene.api == "text":
        return
    for id, text in ((MAIN, material.fields.system_prompt), (POST_HISTORY, material.fields.post_history)):
        part = next((part for part in material.scene.preset.parts if part.id == id), None)
        if part is None or not text:
            continue
        if is_overridden(material, id):
            yield LeftOut(source=f"part:{id}", title=part.name, reason="replaced")
        else:
            yield LeftOut(source=f"card:{SOURCES.get(id, id)}", reason="kept" if part.keeps else "switched_off")


def _fields(material: Material, present: set[str], said: set[str]) -> Iterator[LeftOut]:
    fields = material.fields
    count = material.scene.count
    texts = {
        "description": fields.description,
        "personality": fields.personality,
        "scenario": fields.scenario,
        "persona": fields.persona,
    }
    parts = {source: f"part:{id}" for id, source in SOURCES.items()}
    for source, text in texts.items():
        inside_note = source == "persona" and material.scene.persona.place in ("top_of_note", "bottom_of_note")
        if not text.strip() or source in present or parts.get(source, f"part:{source}") in said:
            continue
        if inside_note:
            if "note" not in present:
                yield LeftOut(source=source, tokens=count(text), reason="note")
        else:
            yield LeftOut(source=source, tokens=count(text), reason="place")
    examples = fields.examples.strip()
    if examples and not any(one.startswith("example:") for one in present | said) and f"part:{EXAMPLES}" not in said:
        reason = "switched_off" if material.scene.preferences.strip_examples else "place"
        yield LeftOut(source="example", tokens=count(examples), reason=reason)


def _notes(material: Material, present: set[str], said: set[str]) -> Iterator[LeftOut]:
    note = material.scene.note
    if not note.text.strip() or "note" in present | said:
        return
    if not is_due(note, material.scene.history):
        every = f"{note.interval}" if note.interval > 0 else "0"
        yield LeftOut(source="note", tokens=material.scene.count(note.text), reason="interval", detail=every)
    else:
        yield LeftOut(source="note", tokens=material.scene.count(note.text), reason="place")


def _injections(material: Material, present: set[str], said: set[str]) -> Iterator[LeftOut]:
    for one in material.scene.injections:
        if one.text.strip() and f"inject:{one.id}" not in present | said:
            yield LeftOut(source=f"inject:{one.id}", title=one.id, reason="place")


def _homeless(material: Material, present: set[str]) -> Iterator[LeftOut]:
    """Entries that woke and stand nowhere: their place is not in this prompt, or scripts left nothing of them."""
    if material.scanned is None:
        return
    for one in material.scanned.activated:
        source = f"world:{one.shelf.world.name}:{one.entry.uid}"
        if source in present:
            continue
        place = one.entry.place
        reason, detail = "place", ""
        if not one.text.strip():
            reason = "empty"
        elif place in _NOTED:
            reason = "note"
        elif place in _EXAMPLES and material.scene.preferences.strip_examples:
            reason = "switched_off"
        elif place == "outlet":
            reason, detail = "outlet", one.entry.outlet
        tokens = material.scene.count(one.text)
        yield LeftOut(source=source, title=one.entry.title, tokens=tokens, reason=reason, detail=detail)


def _entries(material: Material) -> Iterator[LeftOut]:
    """Entries that did not wake."""
    if material.scanned is None:
        return
    few = _count(material) <= SILENT_MOST
    for one in material.scanned.why() if few else material.scanned.judged():
        if not one.verdict.active:
            detail = _keys(one) if one.verdict is Verdict.NO_KEY else one.detail
            yield LeftOut.model_construct(
                source=source_of(one), title=one.entry.title, tokens=0, reason=one.verdict.value, detail=detail
            )


def _keys(one: Considered) -> str:
    keys = one.entry.keys
    return ", ".join(keys[:_KEYS_MOST]) + (" …" if len(keys) > _KEYS_MOST else "")
