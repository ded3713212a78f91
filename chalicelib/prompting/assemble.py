"""From a card, a persona, a preset and a chat to the prompt of one reply. docs/prompting.md describes the order.

Texts that must be there are counted first; the history then fills what is left, from the newest message back, and is
read no further than it fits; example dialogues get the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.generations import GenerationKind
from chalicelib.models.presets import Preset, Samplers
from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.models.shapes import Held
from chalicelib.prompting.budget import Budget
from chalicelib.prompting.examples import example_blocks
from chalicelib.prompting.flatten import flattened
from chalicelib.prompting.macros.expander import Dice, Macros, clean_name
from chalicelib.prompting.notes import Note, with_notes

MAIN_PROMPT = (
    "You and {{user}} are telling a story together. Write what {{char}} says and does next, true to the character "
    "and to what has happened so far. Leave {{user}}'s own words, thoughts and actions to {{user}}."
)
CONTINUE_NUDGE = "[Go on with the last message from exactly where it stops. Do not repeat any of it.]"
IMPERSONATION_PROMPT = "[Write the next message as {{user}}, in {{user}}'s voice. Do not write for {{char}}.]"
EXAMPLE_MARK = "[How {{char}} speaks, an example]"
STORY_MARK = "[Here the story begins]"


class Scene(Held):
    """What one reply is about, apart from the history."""

    card: CardData
    user_name: str = "You"
    persona_description: str = ""
    preset: Preset | None = None
    kind: GenerationKind = "reply"
    instruction: str = ""
    """What a quiet generation asks for."""
    authors_note: str = ""
    authors_note_depth: int = 4
    model: str = ""
    context_tokens: int | None = None
    """What the model can hold; the preset may ask for less."""
    encoding: str = ""
    """What `count` counts with: counts kept on messages are used if they were made with the same."""
    chat_id: str = ""
    """Keeps {{pick}} stable within a chat."""


def assemble(
    scene: Scene, history: Iterable[Message], count: Callable[[str], int], now: datetime, dice: Dice
) -> Prompt:
    """The prompt for the next reply.

    `history` comes newest first and is read only as far as it fits. Without the message that a swipe replaces; with the
    message that is continued as its first. Raises Invalid (`prompt_too_long`) when not even the newest message fits.
    """
    samplers = scene.preset.samplers if scene.preset else Samplers()
    if scene.context_tokens is not None:
        samplers = samplers.model_copy(update={"context_tokens": min(samplers.context_tokens, scene.context_tokens)})
    macros = _macros(scene, now, dice)
    messages = iter(history)
    continued = next(messages, None) if scene.kind == "continue" else None
    story_mark = _system("story_mark", macros.expand(STORY_MARK))
    example_mark = _system("example_mark", macros.expand(EXAMPLE_MARK))

    budget = Budget(samplers, count)
    head = budget.take(_head(scene, macros))
    tail = budget.take(_tail(scene, macros, continued))
    (story_mark,) = budget.take([story_mark])
    notes = [replace(note, message=budget.take([note.message])[0]) for note in _notes(scene, macros)]
    told = budget.fill(messages, partial(_told, scene, macros))
    examples = budget.fill_blocks(example_blocks(macros, scene.card.mes_example, mark=example_mark))
    story = with_notes(told, notes, continued=continued is not None)
    prompt = Prompt(
        messages=[*head, *examples, story_mark, *story, *tail],
        samplers=samplers,
        model=scene.model,
        stop=[macros.expand(stop) for stop in samplers.stop if stop.strip()],
        prefill=macros.expand(continued.text) if continued else "",
        speaker=macros.user if scene.kind == "impersonate" or _is_users(continued) else macros.char,
        character_name=macros.char,
        user_name=macros.user,
        tokens=budget.used,
    )
    return flattened(prompt)


def _macros(scene: Scene, now: datetime, dice: Dice) -> Macros:
    bare = Macros(
        char=clean_name(scene.card.name) or "Character",
        user=clean_name(scene.user_name) or "You",
        now=now,
        dice=dice,
        seed=scene.chat_id,
        values={"model": scene.model},
    )
    # SillyTavern leaves other card fields blank inside a card field, which also keeps them from growing without end.
    card = {
        "description": scene.card.description,
        "personality": scene.card.personality,
        "scenario": scene.card.scenario,
        "persona": scene.persona_description,
        "mesexamplesraw": scene.card.mes_example,
        "charversion": scene.card.character_version,
    }
    blank = bare.with_values(dict.fromkeys(card, ""))
    return bare.with_values({name: blank.expand(text).strip() for name, text in card.items()})


def _head(scene: Scene, macros: Macros) -> list[PromptMessage]:
    main = (scene.preset.main_prompt if scene.preset else "") or MAIN_PROMPT
    texts = {
        "main": macros.expand_override(scene.card.system_prompt, main),
        "persona": macros.value("persona"),
        "description": macros.value("description"),
        "personality": macros.value("personality"),
        "scenario": macros.value("scenario"),
    }
    return [_system(source, text) for source, text in texts.items() if text]


def _tail(scene: Scene, macros: Macros, continued: Message | None) -> list[PromptMessage]:
    preset = scene.preset
    last = macros.expand_override(scene.card.post_history_instructions, preset.post_history if preset else "")
    tail = [_system("post_history", last)] if last else []
    if continued:
        nudge = (preset.continue_nudge if preset else "") or CONTINUE_NUDGE
        tail += [_told(scene, macros, continued).model_copy(update={"source": f"continue:{continued.id}"})]
        tail += [_system("continue_nudge", macros.expand(nudge))]
    elif scene.kind == "impersonate":
        prompt = (preset.impersonation_prompt if preset else "") or IMPERSONATION_PROMPT
        tail += [_system("impersonate", macros.expand(prompt))]
    elif scene.kind == "quiet" and scene.instruction:
        tail += [_system("quiet", macros.expand(scene.instruction))]
    return tail


def _notes(scene: Scene, macros: Macros) -> list[Note]:
    own = Note.of_author(macros.expand(scene.authors_note), scene.authors_note_depth)
    card = Note.of_card(scene.card.extensions.get("depth_prompt"), macros)
    return [note for note in (own, card) if note]


def _told(scene: Scene, macros: Macros, message: Message) -> PromptMessage:
    content = macros.expand(message.text.replace("\r", ""))
    speaker = clean_name(message.name)
    third = message.role == "assistant" and speaker not in ("", macros.char)
    if third:
        content = f"{speaker}: {content}"
    known = message.tokens if message.counted_by == scene.encoding else None
    return PromptMessage(
        role=message.role,
        content=content,
        name=speaker if third else None,
        source=f"history:{message.id}",
        tokens=known if known and content == message.text else 0,
    )


def _is_users(message: Message | None) -> bool:
    return message is not None and message.role == "user"


def _system(source: str, content: str) -> PromptMessage:
    return PromptMessage(role="system", content=content, source=source)
