"""What is done to words before they are stored: macros and scripts on the user's, cleaning and scripts on a reply."""

import re

from chalicelib.models.scenes import Scene
from chalicelib.models.scripts import RegexScript, ScriptPlace
from chalicelib.prompting.names import clean_name
from chalicelib.prompting.preparing import all_macros
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.scripts.running import Scripts
from chalicelib.prompting.text.trimming import first_line, whole_sentences

_SPACE_AT_LINE_END = re.compile(r"[^\S\r\n]+(?=\r?\n)")


def typed(scene: Scene, text: str, patterns: Patterns) -> str:
    """The user's words as they are stored: scripts for input run, then macros resolved."""
    macros = all_macros(scene)
    scripts = Scripts(scene.scripts, patterns, macros.expand)
    return macros.expand(scripts.apply(text, place="user_input", purpose="stored"))


def edited(scene: Scene, text: str, place: ScriptPlace, name: str, patterns: Patterns) -> str:
    """A message as it is stored after an edit: the scripts that run on edits, whatever its depth, then macros.

    `name` is of who says it: to trim strings {{char}} is that one, save where nobody speaks.
    """
    macros = all_macros(scene)
    trims = macros if place == "slash_command" else macros.with_values({}, char=name)
    scripts = Scripts(scene.scripts, patterns, macros.expand, expand_trims=trims.expand)
    return macros.expand(scripts.apply(text, place=place, purpose="stored", edited=True))


def received(scene: Scene, text: str, patterns: Patterns) -> str:
    """A reply as it is stored: cut where somebody else begins to speak, its own name gone, scripts run."""
    macros = all_macros(scene)
    scripts = Scripts(scene.scripts, patterns, macros.expand)
    ran = scripts.apply(text, place="reply", purpose="stored")
    return cleaned(macros.expand(ran), scene)


def lengthened(scene: Scene, before: str, text: str, patterns: Patterns) -> str:
    """A message with its continuation, as it is stored."""
    joint = scene.preset.continue_joint if scene.api == "chat" and not before.endswith(" ") else ""
    return received(scene, before + joint + text, patterns)


def kept(scene: Scene, before: str, text: str, patterns: Patterns) -> str:
    """A message after a reply to it, as we store it: what was streamed, unless something in it had to change.

    `before` is what the message said already; only scripts and macros of the person's reach into that. White space at
    ends of lines stays: it alone is no reason to change what somebody has read.
    """
    joint = scene.preset.continue_joint if before and scene.api == "chat" and not before.endswith(" ") else ""
    whole = before + joint + text
    changed = whole
    if "{{" in whole or any(_is_for_replies(script) for script in scene.scripts):
        macros = all_macros(scene)
        changed = macros.expand(
            Scripts(scene.scripts, patterns, macros.expand).apply(whole, place="reply", purpose="stored")
        )
    changed = _shortened(changed, scene) if before else cleaned(changed, scene)
    return whole if changed == _SPACE_AT_LINE_END.sub("", whole.strip()) or not changed else changed


def _is_for_replies(script: RegexScript) -> bool:
    return "reply" in script.places and not (script.disabled or script.display_only or script.prompt_only)


def cleaned(text: str, scene: Scene) -> str:
    user, char = clean_name(scene.persona.name), clean_name(scene.speaker.card.name)
    impersonates = scene.action.kind == "impersonate"
    own, other = (user, char) if impersonates else (char, user)
    members = [actor.card.name for actor in scene.group.actors] if scene.group else []
    text = _SPACE_AT_LINE_END.sub("", text.strip())
    for name in (other, *(one for one in members if one not in (own, other))):
        text = text.split(f"\n{name}:", 1)[0]
    return _shortened(text.removeprefix(f"{own}:").strip(), scene)


def _shortened(text: str, scene: Scene) -> str:
    if scene.api == "text" and scene.templates.context.single_line:
        text = first_line(text)
    return whole_sentences(text) if scene.preferences.trim_sentences else text
