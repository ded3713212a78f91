"""How long a prompt takes from a long chat, warm and on the processor: `python -m benchmarks.prompting`.

A chat of 10,000 messages and one of 1,000, a context of 32k tokens, a card with an example dialogue, a persona, a note
at a depth. Messages are counted once when they are stored, so their tokens are on them, as in the product; one row
counts anew what a chat from elsewhere has not kept. Each prompt is built again and again, and the median counts.
"""

import random
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from benchmarks.lore import words
from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.presets import Preset, Samplers
from chalicelib.models.scenes import Actor, AuthorsNote, History, Scene, Who
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.standard import standard_preset, standard_templates
from chalicelib.prompting.tokens import counter

ROUNDS = 30
CONTEXT_TOKENS = 32_768
ENCODING = "cl100k_base"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_CARD = CardData(
    name="Mira",
    description=words(random.Random(1), 300),
    scenario=words(random.Random(2), 60),
    mes_example="<START>\n{{user}}: Is it late?\n{{char}}: Later than that.",
)


def main() -> None:
    count = counter(ENCODING)
    rows = [(f"{size:,} messages of {length} words", size, length) for length in (60, 12) for size in (1_000, 10_000)]
    for name, size, length in rows:
        told = chat(size, length, count)
        print(f"{name:48} {measured(told, count):7.2f} ms   goal 25 ms")
        uncounted = [message.model_copy(update={"tokens": None, "counted_by": None}) for message in told]
        print(f"{name + ', not counted before':48} {measured(uncounted, count):7.2f} ms   goal -")


def measured(newest_first: list[Message], count: Callable[[str], int]) -> float:
    """The median of prompts after the first, in milliseconds of the processor."""
    times: list[float] = []
    for _ in range(ROUNDS + 1):
        asked = scene(newest_first, count)
        began = time.thread_time()
        prompt = assemble(asked, Patterns(clock=time.thread_time))
        times.append((time.thread_time() - began) * 1000)
        if prompt.tokens < CONTEXT_TOKENS * 3 // 4:
            raise SystemExit(f"The prompt has {prompt.tokens} tokens only: the chat is too short for this.")
    return statistics.median(times[1:])


def scene(newest_first: list[Message], count: Callable[[str], int]) -> Scene:
    samplers = Samplers(context_tokens=CONTEXT_TOKENS, reply_tokens=600)
    preset = Preset(id="p", name="P", main_prompt="Be {{char}}.", samplers=samplers, created_at=_NOW, updated_at=_NOW)
    return Scene(
        speaker=Actor(id="a", card=_CARD),
        history=History(iter(newest_first), length=len(newest_first)),
        now=_NOW,
        dice=random.Random(1),
        count=count,
        encoding=ENCODING,
        persona=Who(name="Robin", description="A courier."),
        note=AuthorsNote(text="Rain since noon.", depth=4),
        preset=standard_preset(preset, samplers),
        templates=standard_templates(preset, samplers),
    )


def chat(size: int, length: int, count: Callable[[str], int]) -> list[Message]:
    """The newest first, each with its tokens."""
    dice = random.Random(length)
    found = []
    for number in range(size):
        text = words(dice, length)
        role, name = ("user", "Robin") if number % 2 else ("assistant", "Mira")
        fields = {"id": f"s.{number}", "chat_id": "c", "role": role, "name": name, "text": text, "created_at": _NOW}
        found.append(Message.model_validate(fields | {"tokens": count(text), "counted_by": ENCODING}))
    return found


if __name__ == "__main__":
    main()
