"""A prompt as one text, for services that complete text: `Name:` lines, and stop strings that keep the turns apart."""

from chalicelib.models.prompt import Prompt

_LEFT_OUT = ("continue:", "continue_nudge")


def flattened(prompt: Prompt) -> Prompt:
    """The prompt with `flat` and `flat_stop` filled in."""
    user, char = prompt.user_name, prompt.character_name
    told = {"user": user, "assistant": char, "system": "", "example_user": user, "example_assistant": char}
    lines = []
    for message in prompt.messages:
        if message.source.startswith(_LEFT_OUT):
            continue
        speaker = told.get(message.name or message.role, message.name)
        named = not speaker or message.content.startswith(f"{speaker}: ")
        lines.append(message.content if named else f"{speaker}: {message.content}")
    lines.append(f"{prompt.speaker}: {prompt.prefill}" if prompt.prefill else f"{prompt.speaker}:")
    stop = [f"\n{prompt.user_name}:"]
    if prompt.speaker == prompt.user_name:
        stop.insert(0, f"\n{prompt.character_name}:")
    return prompt.model_copy(
        update={"flat": "\n".join(lines), "flat_stop": [*stop, *(s for s in prompt.stop if s not in stop)]}
    )
