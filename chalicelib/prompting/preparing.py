"""Gathers what a prompt is built from: names, fields, awake entries of worlds, notes, the history. See `material`.

The order counts, since macros change variables on the way: the card's fields, then the worlds, then the notes.
"""

from collections.abc import Callable, Iterator

from chalicelib.models.scenes import Scene
from chalicelib.prompting.examples import example_blocks
from chalicelib.prompting.fields import card_fields
from chalicelib.prompting.history import Telling
from chalicelib.prompting.lore.asking import Line as Heard
from chalicelib.prompting.lore.asking import Scan, Scanned
from chalicelib.prompting.lore.placing import Placement, place
from chalicelib.prompting.lore.scanning import scan
from chalicelib.prompting.macros.expander import Macros
from chalicelib.prompting.macros.values import of_chat
from chalicelib.prompting.material import Extra, Fields, Line, Material
from chalicelib.prompting.names import clean_name
from chalicelib.prompting.notes import (
    NOTE_KEY,
    card_notes,
    injections,
    is_due,
    note_text,
    persona_at_depth,
    trimmed,
    wrapped_note,
)
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.scripts.running import Scripts
from chalicelib.prompting.text.values import template_values
from chalicelib.prompting.values import blank_fields, context_sizes, field_values, names, outlets, sizes

LORE_MESSAGE_TOKENS = 6
"""What a text of a world costs besides its own tokens in chat completion: SillyTavern counts it as a message."""


def prepare(scene: Scene, patterns: Patterns) -> Material:
    macros, fields = _macros_and_fields(scene)
    user, char = _user(scene), _char(scene)
    scripts = Scripts(scene.scripts, patterns, macros.expand)
    telling = Telling(scene, macros, scripts)
    quiet = macros.expand(scene.action.instruction) if scene.action.kind == "quiet" else ""

    note = note_text(scene) if is_due(scene.note, scene.history) else None
    own_notes, injected = card_notes(scene, fields, macros), injections(scene, macros)
    scanned = _scan(scene, fields, telling, macros, patterns, _overheard(scene, note, own_notes, quiet, macros))
    placement = _place(scanned, scripts)
    macros = _with_lore(scene, macros, fields, placement)
    telling.macros = macros

    extras = [] if note is None else _note(scene, macros, note, placement)
    if not scene.action.bare:
        extras += _at_depth(placement)
        extras += own_notes
    elif own_notes:
        extras += own_notes
    extras += [*persona_at_depth(scene, macros), *injected]
    return Material(
        scene=scene,
        macros=macros,
        user=user,
        char=char,
        fields=fields,
        persona=_persona(scene, fields),
        placement=placement,
        scanned=scanned,
        extras=[*(one for one in extras if one.place != "in_chat"), *_sorted_in_chat(extras)],
        examples=_examples(scene, fields, placement, macros),
        lines=lambda: _told(telling, scene),
        budget=_budget(scene),
        continued=next(telling.lines(), None) if scene.action.kind == "continue" else None,
        quiet=quiet,
        bias=_bias(scene, macros),
    )


def all_macros(scene: Scene) -> Macros:
    """The macros of a scene with the card's fields, before any world has been looked at."""
    return _macros_and_fields(scene)[0]


def _macros_and_fields(scene: Scene) -> tuple[Macros, Fields]:
    user, char = _user(scene), _char(scene)
    blank = Macros(
        char=char,
        user=user,
        now=scene.now,
        dice=scene.dice,
        values={**blank_fields(), **sizes(scene), **names(scene, user=user, char=char), **of_chat(scene.history)},
        variables=scene.variables,
        chat_hash=scene.chat_hash,
        pick_reroll=scene.pick_reroll,
        legacy=scene.preferences.legacy_macros,
    )
    fields = card_fields(scene, blank)
    macros = blank.with_values(
        {
            **field_values(scene, fields),
            **template_values(scene.templates, card_system_prompt=fields.system_prompt),
            "mesExamples": lambda: listed(example_blocks(fields.examples)),
        }
    )
    return macros, fields


def _user(scene: Scene) -> str:
    return clean_name(scene.persona.name) or "You"


def _char(scene: Scene) -> str:
    return clean_name(scene.speaker.card.name) or "Character"


def listed(blocks: list[str], heading: str = "<START>\n") -> str:
    """Example dialogues as one text."""
    return "".join(f"{heading}{block}\n" for block in blocks)


def _budget(scene: Scene) -> int:
    context, reply = context_sizes(scene)
    return context - reply


def _persona(scene: Scene, fields: Fields) -> str:
    """Of the persona's texts only the one of a story string is trimmed."""
    if scene.persona.place != "in_prompt":
        return ""
    return fields.persona if scene.api == "text" else scene.persona.description


def _told(telling: Telling, scene: Scene) -> Iterator[Line]:
    for line in telling.lines():
        if line.depth >= 0:
            yield line


def _scan(
    scene: Scene, fields: Fields, telling: Telling, macros: Macros, patterns: Patterns, overheard: list[str]
) -> Scanned | None:
    if not any(shelf.world.entries for shelf in scene.shelves):
        return None
    return scan(
        Scan(
            shelves=scene.shelves,
            settings=scene.lore,
            lines=(Heard(line.message.name, line.raw) for line in telling.lines()),
            length=scene.history.visible_length() if _is_timed(scene) else 0,
            prompt_tokens=_budget(scene),
            count=_lore_cost(scene),
            expand=macros.expand,
            dice=scene.dice,
            patterns=patterns,
            trigger=scene.action.kind,
            actor=scene.speaker.id,
            aliases=scene.speaker.aliases,
            tags=scene.speaker.tags,
            sources={
                "persona": scene.persona.description,
                "description": fields.description,
                "personality": fields.personality,
                "card_note": fields.card_note,
                "scenario": fields.scenario,
                "creator_notes": fields.creator_notes,
            },
            injected=overheard,
            timed=scene.timed,
        )
    )


def _is_timed(scene: Scene) -> bool:
    """Whether anything counts messages: only then is the whole chat looked at."""
    timed = scene.timed
    return bool(timed.sticky or timed.cooldown) or any(
        entry.sticky or entry.cooldown or entry.delay for shelf in scene.shelves for entry in shelf.world.entries
    )


def _lore_cost(scene: Scene) -> Callable[[str], int]:
    if scene.api == "text":
        return scene.count
    return lambda text: scene.count(text) + LORE_MESSAGE_TOKENS if text else 0


def _place(scanned: Scanned | None, scripts: Scripts) -> Placement:
    if scanned is None:
        return Placement()
    return place(
        scanned.activated,
        edit=lambda text, depth: scripts.apply(text, place="world", purpose="prompt", depth=depth),
    )


def _with_lore(scene: Scene, macros: Macros, fields: Fields, placement: Placement) -> Macros:
    """The macros with what awake entries add to them and to the card's fields."""
    for name, texts in (("personality", placement.personality), ("scenario", placement.scenario)):
        if texts:
            setattr(fields, name, "\n".join(filter(None, [getattr(fields, name), *texts])))
            macros = macros.with_values({name: getattr(fields, name)})
    if placement.outlets and not scene.action.bare:
        macros = macros.with_values(outlets(placement.outlets))
    return macros


def _overheard(scene: Scene, note: str | None, own_notes: list[Extra], quiet: str, macros: Macros) -> list[str]:
    """Texts besides the messages in which entries look for their keys."""
    texts = [quiet]
    if scene.note.scanned:
        texts += [macros.expand(note or ""), *(one.text for one in own_notes)]
    if scene.persona.place == "in_chat":
        texts.append(macros.value("persona"))
    texts += [macros.expand(one.text) for one in scene.injections if one.scanned]
    return [text for text in texts if text.strip()]


def _note(scene: Scene, macros: Macros, note: str, placement: Placement) -> list[Extra]:
    text = wrapped_note(note, scene, placement.note_top, placement.note_bottom)
    text = trimmed(macros.expand(text), scene.note.place)
    if not text or scene.note.place == "nowhere":
        return []
    return [Extra(NOTE_KEY, text, scene.note.place, scene.note.depth, scene.note.role, "note")]


def _at_depth(placement: Placement) -> list[Extra]:
    return [
        Extra(f"customDepthWI-{depth}-{role}", "\n".join(texts).strip(), "in_chat", depth, role, f"world:{depth}")
        for (depth, role), texts in placement.in_chat.items()
        if "".join(texts).strip()
    ]


def _sorted_in_chat(extras: list[Extra]) -> list[Extra]:
    # The field's keys are compared letter by letter, as JavaScript sorts them.
    return sorted((one for one in extras if one.place == "in_chat"), key=lambda one: one.key.encode("utf-16-be"))


def _examples(scene: Scene, fields: Fields, placement: Placement, macros: Macros) -> list[str]:
    if scene.preferences.strip_examples:
        return []
    blocks = example_blocks(fields.examples)
    for text in placement.examples_top:
        blocks = [*example_blocks(text), *blocks]
    for text in placement.examples_bottom:
        blocks += example_blocks(text)
    return blocks


def _bias(scene: Scene, macros: Macros) -> str:
    """Words the reply shall begin with. What is continued or impersonated has its own beginning."""
    if scene.action.kind in ("continue", "impersonate"):
        return ""
    return macros.expand(scene.action.voice or scene.preferences.start_reply_with)
