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
    assert for_openai_text(given) == {"dynamic_temperature": True, "dynatemp_low": 0.5, "dynatemp_high": 1.5}
    assert for_koboldcpp(TextSamplers(min_temp=0.5, max_temp=1.5)) == {}
