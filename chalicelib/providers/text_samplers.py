"""Sampler settings that only services for text know, under the names each of them gives them.

What SillyTavern was seen to send to each of them is sent here too, save what stands at its rest and what only another
of its names says. Sources: KoboldCpp's API documentation, the README of llama.cpp's server, the API of
text-generation-webui, whose names other servers of OpenAI's kind have taken over.
"""

import json
from typing import Any

from chalicelib.models.templates import TextSamplers

_SHARED = (
    "dry_multiplier",
    "dry_base",
    "dry_allowed_length",
    "dry_penalty_last_n",
    "xtc_threshold",
    "xtc_probability",
    "mirostat_tau",
    "mirostat_eta",
    "dynatemp_exponent",
)


def for_koboldcpp(given: TextSamplers) -> dict[str, Any]:
    return _present(
        {
            **_shared(given),
            **_dynamic(given),
            "rep_pen_range": given.rep_pen_range,
            "rep_pen_slope": given.rep_pen_slope,
            "tfs": given.tfs,
            "mirostat": given.mirostat_mode,
            "smoothing_factor": given.smoothing_factor,
            "smoothing_curve": given.smoothing_curve,
            "nsigma": given.nsigma,
            "guidance_scale": given.guidance_scale,
            "negative_prompt": given.negative_prompt,
            "grammar": given.grammar,
            "banned_tokens": given.banned,
            "sampler_order": given.order,
            "bypass_eos": given.ban_eos_token,
            **_adaptive(given),
        }
    )


def for_llamacpp(given: TextSamplers) -> dict[str, Any]:
    # It takes texts where others want numbers of tokens; `false` bans one.
    bias: list[list[Any]] = [[text, weight] for text, weight in given.bias]
    return _present(
        {
            **_shared(given),
            **_dynamic(given),
            "repeat_last_n": given.rep_pen_range,
            "mirostat": given.mirostat_mode,
            "top_n_sigma": given.nsigma,
            "min_keep": given.min_keep or None,
            **_adaptive(given),
            "samplers": given.llamacpp_order,
            # One of the two: the server refuses both.
            "grammar": "" if given.json_schema else given.grammar,
            "json_schema": given.json_schema,
            "logit_bias": bias + [[text, False] for text in given.banned],
            "ignore_eos": given.ban_eos_token,
        }
    )


def for_openai_text(given: TextSamplers) -> dict[str, Any]:
    return _present(
        {
            **_shared(given),
            # text-generation-webui, TabbyAPI and Aphrodite take the inside of a list as one text.
            "dry_sequence_breakers": json.dumps(given.dry_breakers) if given.dry_breakers else None,
            **_dynamic(given),
            "dynamic_temperature": given.dynatemp,
            "dynatemp_low": given.min_temp if given.dynatemp else None,
            "dynatemp_high": given.max_temp if given.dynatemp else None,
            "nsigma": given.nsigma,
            "top_n_sigma": given.nsigma,
            "min_keep": given.min_keep or None,
            "skew": given.skew or None,
            **_adaptive(given),
            "encoder_repetition_penalty": None if given.encoder_rep_pen == 1 else given.encoder_rep_pen,
            "repetition_decay": given.rep_pen_decay or None,
            "json_schema": given.json_schema,
            "guided_json": given.json_schema,
            "sampler_priority": given.ooba_order,
            "typical_p": given.typical_p,
            "tfs": given.tfs,
            "epsilon_cutoff": given.epsilon_cutoff,
            "eta_cutoff": given.eta_cutoff,
            "repetition_penalty_range": given.rep_pen_range,
            "no_repeat_ngram_size": given.no_repeat_ngram_size,
            "mirostat_mode": given.mirostat_mode,
            "smoothing_factor": given.smoothing_factor,
            "smoothing_curve": given.smoothing_curve,
            "temperature_last": given.temperature_last,
            "guidance_scale": given.guidance_scale,
            "negative_prompt": given.negative_prompt,
            "grammar_string": given.grammar,
            "banned_strings": given.banned,
            "add_bos_token": given.add_bos_token,
            "ban_eos_token": given.ban_eos_token,
            "skip_special_tokens": given.skip_special_tokens,
        }
    )


def _shared(given: TextSamplers) -> dict[str, Any]:
    return {name: getattr(given, name) for name in _SHARED} | {"dry_sequence_breakers": given.dry_breakers}


def _adaptive(given: TextSamplers) -> dict[str, Any]:
    if given.adaptive_target is None or given.adaptive_target < 0:
        return {}
    return {"adaptive_target": given.adaptive_target, "adaptive_decay": given.adaptive_decay}


def _dynamic(given: TextSamplers) -> dict[str, Any]:
    """A temperature that moves between two ends, as its middle and how far it goes to either side."""
    if not given.dynatemp or given.min_temp is None or given.max_temp is None:
        return {}
    low, high = sorted((given.min_temp, given.max_temp))
    return {"temperature": (low + high) / 2, "dynatemp_range": (high - low) / 2}


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
