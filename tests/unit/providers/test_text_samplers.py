"""Settings that only services for text know, as each of them wants to hear them."""

from chalicelib.models.templates import TextSamplers
from chalicelib.providers.text_samplers import for_koboldcpp, for_llamacpp, for_openai_text


def test_nothing_is_sent_that_was_not_set() -> None:
    assert for_koboldcpp(TextSamplers()) == for_llamacpp(TextSamplers()) == for_openai_text(TextSamplers()) == {}


def test_each_service_hears_its_own_names() -> None:
    given = TextSamplers(
        rep_pen_range=512, mirostat_mode=2, xtc_probability=0.5, ban_eos_token=True, grammar="root ::="
    )
    both = {"xtc_probability": 0.5}
    assert for_koboldcpp(given) == both | {
        "rep_pen_range": 512,
        "mirostat": 2,
        "bypass_eos": True,
        "grammar": "root ::=",
    }
    assert for_llamacpp(given) == both | {
        "repeat_last_n": 512,
        "mirostat": 2,
        "ignore_eos": True,
        "grammar": "root ::=",
    }
    assert for_openai_text(given) == both | {
        "repetition_penalty_range": 512,
        "mirostat_mode": 2,
        "ban_eos_token": True,
        "grammar_string": "root ::=",
    }


def test_banned_texts_and_bias_are_named_or_weighed() -> None:
    given = TextSamplers(banned=["shivers down"], bias=[("storm", 2.0)])
    assert for_koboldcpp(given) == {"banned_tokens": ["shivers down"]}
    assert for_llamacpp(given) == {"logit_bias": [["storm", 2.0], ["shivers down", False]]}
    assert for_openai_text(given) == {"banned_strings": ["shivers down"]}


def test_a_moving_temperature_is_told_as_its_middle_and_reach() -> None:
    given = TextSamplers(dynatemp=True, min_temp=0.5, max_temp=1.5)
    assert for_koboldcpp(given) == {"temperature": 1.0, "dynatemp_range": 0.5}
    assert for_openai_text(given) == {
        "temperature": 1.0,
        "dynatemp_range": 0.5,
        "dynamic_temperature": True,
        "dynatemp_low": 0.5,
        "dynatemp_high": 1.5,
    }
    assert for_koboldcpp(TextSamplers(min_temp=0.5, max_temp=1.5)) == {}


def test_what_is_rare_reaches_who_knows_it() -> None:
    given = TextSamplers(
        nsigma=1.1,
        min_keep=2,
        skew=0.1,
        encoder_rep_pen=1.02,
        rep_pen_decay=64,
        adaptive_target=0.5,
        adaptive_decay=0.9,
        dry_breakers=["\n", ":"],
        llamacpp_order=["top_k", "temperature"],
        ooba_order=["top_p"],
    )
    adaptive = {"adaptive_target": 0.5, "adaptive_decay": 0.9}
    breakers = {"dry_sequence_breakers": ["\n", ":"]}
    assert for_koboldcpp(given) == adaptive | breakers | {"nsigma": 1.1}
    assert for_llamacpp(given) == adaptive | breakers | {
        "top_n_sigma": 1.1,
        "min_keep": 2,
        "samplers": ["top_k", "temperature"],
    }
    assert for_openai_text(given) == adaptive | {
        "dry_sequence_breakers": '["\\n", ":"]',
        "nsigma": 1.1,
        "top_n_sigma": 1.1,
        "min_keep": 2,
        "skew": 0.1,
        "encoder_repetition_penalty": 1.02,
        "repetition_decay": 64,
        "sampler_priority": ["top_p"],
    }


def test_what_rests_is_not_sent() -> None:
    given = TextSamplers(
        min_keep=0, skew=0, encoder_rep_pen=1, rep_pen_decay=0, adaptive_target=-0.01, adaptive_decay=0.9
    )
    assert for_koboldcpp(given) == for_llamacpp(given) == for_openai_text(given) == {}


def test_a_schema_goes_before_a_grammar() -> None:
    given = TextSamplers(grammar="root ::=", json_schema={"type": "object"})
    assert for_llamacpp(given) == {"json_schema": {"type": "object"}}
    assert for_openai_text(given) == {
        "grammar_string": "root ::=",
        "json_schema": {"type": "object"},
        "guided_json": {"type": "object"},
    }
