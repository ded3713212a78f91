"""How the model is asked: sampler settings, stop strings and token bias of a prompt for chat completion."""

from collections.abc import Callable, Iterable, Sequence

from chalicelib.models.presets import Samplers
from chalicelib.models.scenes import Scene
from chalicelib.prompting.macros.expander import Macros


def samplers_of(scene: Scene) -> Samplers:
    """Numbers of foreign presets are taken as they are: the service says which it will not have."""
    preset = scene.preset
    return Samplers.model_construct(
        context_tokens=preset.context_tokens,
        reply_tokens=preset.reply_tokens,
        temperature=preset.temperature,
        top_p=preset.top_p,
        top_k=preset.top_k,
        top_a=preset.top_a,
        min_p=preset.min_p,
        frequency_penalty=preset.frequency_penalty,
        presence_penalty=preset.presence_penalty,
        repetition_penalty=preset.repetition_penalty,
        seed=preset.seed if preset.seed >= 0 else None,
        stop=[],
        reasoning_effort=preset.reasoning_effort,
    )


def replies_of(scene: Scene) -> int:
    return 1 if scene.action.kind in ("continue", "impersonate", "quiet") else scene.preset.replies


def lead_of(scene: Scene, macros: Macros) -> str:
    """Words the model finds in its mouth: none beside the story, nor where the reply that goes on stands last."""
    kind, preset = scene.action.kind, scene.preset
    if kind == "quiet" or (kind == "continue" and preset.continue_prefill):
        return ""
    return macros.expand(preset.impersonation_prefill if kind == "impersonate" else preset.prefill).rstrip()


def custom_stops(scene: Scene, macros: Macros) -> list[str]:
    """The person's own stop strings; services take the first few."""
    stops = (stop for stop in scene.preferences.custom_stops if stop)
    return [macros.expand(stop) for stop in stops] if scene.preferences.custom_stops_macros else list(stops)


def token_bias(bias: Iterable[tuple[str, float]], encode: Callable[[str], Sequence[int]]) -> dict[int, float]:
    """What each token of the texts is made likelier by; of one named twice the last counts.

    A text like `[1, 22]` names tokens by their numbers.
    """
    found: dict[int, float] = {}
    for text, value in bias:
        if text:
            numbers = _numbers(text)
            found |= dict.fromkeys(encode(text) if numbers is None else numbers, value)
    return found


def _numbers(text: str) -> list[int] | None:
    """The numbers of such a text; None for any other."""
    inner = text.strip()
    if not (inner.startswith("[") and inner.endswith("]")):
        return None
    parts = [part.strip() for part in inner[1:-1].split(",")] if inner[1:-1].strip() else []
    return [int(part) for part in parts] if all(part.isdecimal() for part in parts) else None
