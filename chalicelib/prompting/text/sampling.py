"""Sampler settings of a text preset as every service knows them. What only some know stays in `TextSamplers`."""

from chalicelib.models.presets import Samplers
from chalicelib.models.templates import TextTemplates


def samplers_of(templates: TextTemplates) -> Samplers:
    """Numbers of foreign presets are taken as they are: the service says which it will not have."""
    given = templates.samplers
    return Samplers.model_construct(
        context_tokens=templates.context_tokens,
        reply_tokens=templates.reply_tokens,
        temperature=given.temp,
        top_p=given.top_p,
        top_k=given.top_k,
        top_a=given.top_a,
        min_p=given.min_p,
        typical_p=given.typical_p,
        frequency_penalty=given.freq_pen,
        presence_penalty=given.presence_pen,
        repetition_penalty=given.rep_pen,
        seed=given.seed if given.seed >= 0 else None,
        stop=[],
        reasoning_effort=None,
    )
