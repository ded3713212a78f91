"""Plays a recorded case: the same readers as an import, the same engine as a reply, and a chat kept in memory.

A case is an input in SillyTavern's formats (`given`) and what was sent to the model (`expect`); docs/prompting.md says
where they come from. Nothing of the product knows of them.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import SecretStr

from chalicelib.models.chats import Message
from chalicelib.models.connections import ProviderKind
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Action, ActionKind, Actor, Injection, Place
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.groups import Call, speakers
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.words import lengthened, received, typed
from chalicelib.providers.openai_chat import sampling
from chalicelib.providers.provider import Access
from cli.golden_stage import Json, Stage, group_of, history_of, say, scene_of, stage_of

_PLACES: dict[str, Place] = {"before": "before_main", "after": "after_main", "chat": "in_chat", "none": "nowhere"}
_OPTION = re.compile(r"(\w+)=(\S+)\s*")
# Which of a model's settings the recorded programs pass on to a service of this kind.
_FIELDS = {
    "chat": ("temperature", "top_p", "frequency_penalty", "presence_penalty", "max_tokens", "seed", "reasoning_effort"),
    "text": ("temperature", "top_p", "frequency_penalty", "presence_penalty", "max_tokens", "seed"),
}


def play(case: Json, baseline: Json, patterns: Patterns) -> Json:
    """What would be sent, in the form of the case's `expect`."""
    stage = stage_of(case["given"], baseline, patterns)
    steps = []
    actions = case["given"].get("actions")
    for action in actions or [case["given"]["action"]]:
        stage.prompts = []
        _act(stage, action)
        sent = [_sent(stage, prompt) for prompt in stage.prompts]
        steps.append(sent[0] if len(sent) == 1 else {"requests": sent})
    return {"steps": steps} if actions else steps[0]


def _act(stage: Stage, action: Json) -> None:
    for command in (action.get("slash") or "").split("|"):
        if command.strip():
            stage.injections = _injected(stage.injections, command.strip())
    kind: ActionKind = "normal" if action["type"] == "group_member" else action["type"]
    said = str(action.get("user_message") or "") if action["type"] == "normal" else ""
    replaced: Message | None = None
    if kind == "regenerate" and "group" in stage.given:
        # A group answers anew, all of it.
        kind = "normal"
        while _spoke_last(stage.messages):
            stage.messages.pop()
    if kind == "swipe" or (kind == "regenerate" and stage.messages and stage.messages[-1].role != "user"):
        replaced = stage.messages[-1]
    scene = scene_of(stage, stage.actors[0], Action(kind=kind), stage.messages)
    if action["type"] in ("normal", "group_member") and not said and stage.api == "chat":
        said = scene.preset.send_if_empty.strip()
    if said:
        say(stage, "user", scene.persona.name, typed(scene, said, stage.patterns))
    asked = Action(
        kind=kind,
        instruction=str(action.get("quiet_prompt") or ""),
        aloud=bool(action.get("quiet_to_loud")),
        bare=bool(action.get("skip_wian")),
        input=str(action.get("user_message") or "") if kind in ("impersonate", "quiet") else "",
    )
    for number, actor in enumerate(_speakers(stage, action, kind, said)):
        if replaced is not None and number == 0:
            stage.messages.remove(replaced)
        if number and kind == "normal" and stage.api == "chat" and scene.preset.send_if_empty.strip():
            # The box is empty before each further speaker.
            say(stage, "user", scene.persona.name, typed(scene, scene.preset.send_if_empty.strip(), stage.patterns))
        _reply(stage, actor, asked, _reply_text(stage, action, number), replaced)


def _reply(stage: Stage, actor: Actor, asked: Action, answer: str, replaced: Message | None) -> None:
    scene = scene_of(stage, actor, asked, stage.messages)
    prompt = assemble(scene, stage.patterns)
    stage.prompts.append(prompt)
    stage.timed = prompt.timed or stage.timed
    text = received(scene, answer, stage.patterns)
    if asked.kind == "continue" and stage.messages:
        last = stage.messages[-1]
        stage.messages[-1] = last.model_copy(update={"text": lengthened(scene, last.text, answer, stage.patterns)})
    elif replaced is not None and asked.kind == "swipe":
        count = replaced.swipe_count + 1
        update = {"text": text, "swipe_index": count - 1, "swipe_count": count}
        stage.messages.append(replaced.model_copy(update=update))
    elif asked.kind in ("normal", "regenerate"):
        say(stage, "assistant", actor.card.name, text, actor.id)


def _speakers(stage: Stage, action: Json, kind: ActionKind, said: str) -> list[Actor]:
    group = group_of(stage)
    if group is None:
        return stage.actors[:1]
    forced = stage.actors[action["member"]].id if action["type"] == "group_member" else ""
    return speakers(group, history_of(stage.messages), Call(kind=kind, said=said, forced=forced), random.Random(1))


def _spoke_last(messages: list[Message]) -> bool:
    return bool(messages) and messages[-1].role != "user"


def _reply_text(stage: Stage, action: Json, number: int) -> str:
    given = action.get("reply", stage.baseline["default_reply"])
    if isinstance(given, list):
        return str(given[min(number, len(given) - 1)])
    return str(given)


def _injected(known: list[Injection], command: str) -> list[Injection]:
    """The injections after a command like `/inject id=a position=chat depth=2 Text.`"""
    rest, options = command.removeprefix("/inject").strip(), dict[str, str]()
    while found := _OPTION.match(rest):
        options[found[1]], rest = found[2], rest[found.end() :]
    role = options.get("role", "system")
    made = Injection(
        id=options["id"],
        text=rest,
        place=_PLACES[options.get("position", "after")],
        depth=int(options.get("depth", 4)),
        role="user" if role == "user" else "assistant" if role == "assistant" else "system",
        scanned=options.get("scan") == "true",
    )
    return [*(one for one in known if one.id != made.id), made]


def _sent(stage: Stage, prompt: Prompt) -> Json:
    """The request to a service of OpenAI's kind, as the recording has it."""
    kind = ProviderKind.openai_chat if stage.api == "chat" else ProviderKind.openai_text
    access = Access(
        owner_id="",
        connection_id="",
        connection_name="recorded",
        kind=kind,
        address="http://model.example",
        key=SecretStr(""),
        model=prompt.model,
    )
    stop = prompt.stop if stage.api == "chat" else prompt.flat_stop
    body = sampling(prompt, access, stop=stop)
    params = {name: body[name] for name in _FIELDS[stage.api] if name in body} | {"model": prompt.model}
    if stage.api == "chat":
        params["stream"] = False
    if prompt.replies > 1:
        params["n"] = prompt.replies
    if prompt.bias:
        params["logit_bias"] = {str(token): value for token, value in prompt.bias.items()}
    sent: Json = {"api": stage.api, "params": params}
    if "stop" in body:
        sent["stop"] = body["stop"]
    if stage.api == "text":
        return sent | {"prompt": prompt.flat}
    return sent | {"messages": [_message(one.role, one.content, one.name) for one in prompt.messages]}


def _message(role: str, content: str, name: str | None) -> Json:
    return {"role": role, "content": content} | ({"name": name} if name else {})


def read_cases(folder: Path, area: str | None, show: str | None) -> Iterator[Json]:
    for file in sorted(folder.glob("*/*.json")):
        if (area is None or file.parent.name == area) and (show is None or show == f"{file.parent.name}/{file.stem}"):
            yield json.loads(file.read_text(encoding="utf-8"))
