"""Macros, case by case."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Invalid
from chalicelib.models.scenes import Variables
from chalicelib.prompting.macros.expander import Macros

NOW = datetime(2026, 5, 17, 14, 5, tzinfo=UTC)


def macros(chat: int | str = "chat", *, legacy: bool = False, variables: Variables | None = None) -> Macros:
    return Macros(
        char="Tessa",
        user="Robin",
        now=NOW,
        dice=random.Random(7),
        values={"persona": "a keeper", "description": "{{char}} is tall", "model": "tiny", "outlet::Shore": "sand"},
        variables=variables,
        chat_hash=chat,
        legacy=legacy,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{char}} and {{user}}", "Tessa and Robin"),
        ("{{ CHAR }}/{{User}}", "Tessa/Robin"),
        ("<BOT> <user> <USER> <char>", "Tessa Robin Robin Tessa"),
        ("{{persona}}, {{model}}", "a keeper, tiny"),
        ("{{charDescription}}", "{{char}} is tall"),
        ("{{date}} {{time}} {{weekday}}", "May 17, 2026 2:05 PM Sunday"),
        ("{{isodate}}T{{isotime}}", "2026-05-17T14:05"),
        ("{{time::UTC+9}} {{time_UTC-3}}", "11:05 PM 11:05 AM"),
        ("{{time::soon}} {{time::utc+9}} {{time::UTC+90}}", "2:05 PM 2:05 PM 3:35 PM"),
        ("{{timeDiff::2026-05-17 12:00::2026-05-17 10:00}}", "in 2 hours"),
        ("{{timeDiff::2026-05-17::2026-05-20}}", "3 days ago"),
        ("{{timeDiff::{{date}} {{time}}::May 10, 2026}}", "in 8 days"),
        ("{{datetimeformat::YYYY\n}}|", "2026|"),
        ("{{random:only}}", "only"),
        ("{{random:a\\, b}}", "a, b"),
        ("{{random: y , y }}", "y"),
        ("{{pick:x}}", "x"),
        ("{{roll:1}} {{roll:d1}} {{roll:3d1}} {{roll 1d1+4}}", "1 1 3 5"),
        ("[{{roll:six}}{{roll:0}}]", "[]"),
        ("{{random}}{{pick}}{{random:a::a}}", "a"),
        ("{{timeDiff::soon::later}}", "Invalid date"),
        ("{{reverse:abc}}", "cba"),
        ("{{reverse:{{user}}}}", "niboR"),
        ("{{reverse::a::b}}", "{{reverse::a::b}}"),
        ("a{{// a note for {{user}}}}b", "ab"),
        ("a{{comment: x}}b", "ab"),
        ("{{hidden_key:y}} {{comment}} {{//}} {{bot}}", "{{hidden_key:y}} {{comment}} {{//}} {{bot}}"),
        ("{{user's}} {{char.}} {{user' s}}", "Robin Tessa {{user' s}}"),
        ("{{user{{char}}}}", "Robin}}"),
        ("{{reverse:a::b}} {{setvar:a::b}}", "b::a {{setvar:a::b}}"),
        ("{{reverse::x{{}}y}} {{reverse::{{123}} }}", "{{xy}} 321{{ }}"),
        ("{{unknown}} {{unknown::{{char}}::{{unknown}}}}", "{{unknown}} {{unknown::Tessa::{{unknown}}}}"),
        (r"\{\{trim\}\}", ""),
        ("a\n\n{{trim}}\n\nb", "ab"),
        ("a {{trim}} b", "a  b"),
        ("a{{newline}}b{{noop}}c{{space::2}}d", "a\nbc  d"),
        ("{{newline::x}}{{newline::99999999}}", "{{newline::x}}{{newline::99999999}}"),
        ("{{outlet::Shore}}|{{outlet::hills}}", "sand|"),
        ("{{unknown}} {{unknown::{{char}}}}", "{{unknown}} {{unknown::Tessa}}"),
        ("{{original}}", "{{original}}"),
        ("{{instructInput}}|{{group}}|{{notChar}}", "|Tessa|Robin"),
        ("{{char", "{{char"),
        ("char}} {{user}}", "char}} Robin"),
        ("{{{char}}}", "{Tessa}"),
        ("{{}} {{ }} {}", "{{}} {{ }} {}"),
        ("{{ {{ {{char}}", "{{ {{ Tessa"),
        (r"\{\{user\}\} {\{user}}", "{{user}} {{user}}"),
        ("a\r\nb", "a\nb"),
        ("", ""),
    ],
)
def test_a_macro_becomes(text: str, expected: str) -> None:
    assert macros().expand(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{if persona}}yes{{/if}}", "yes"),
        ("{{if !persona}}yes{{else}}no{{/if}}", "no"),
        ("{{if scenario}}yes{{else}}no{{/if}}", "no"),
        ("{{if off}}yes{{else}}no{{/if}}", "no"),
        ("{{if no}}yes{{else}}no{{/if}}", "yes"),
        ("{{if 0}}yes{{/if}}|{{if false}}yes{{/if}}", "|"),
        ("{{if::persona::yes {{user}}}}", "yes Robin"),
        ("{{if persona::yes}}", "{{if persona::yes}}"),
        ("{{if persona}}\n  one\n    two\n{{/if}}", "one\n  two"),
        ("{{#if persona}} kept {{/if}}", " kept "),
        ("{{if persona}}{{if scenario}}a{{else}}b{{/if}}{{else}}c{{/if}}", "b"),
        ("{{ if persona }}x{{ / if }}", "x"),
        ("{{if persona}}open", "{{if persona}}open"),
        ("{{else}}|{{/if}}", "|{{/if}}"),
        ("{{if {{setvar::a::1}}{{getvar::a}}}}{{getvar::a}}{{/if}}", "1"),
        ("{{if scenario}}{{setvar::a::1}}{{/if}}[{{getvar::a}}]", "[]"),
        ("{{reverse}} abc {{/reverse}}", "cba"),
        ("{{trim}} a {{/trim}}|", "a|"),
        ("{{//}} gone {{///}}|", "|"),
        ("{{setvar::x}}{{user}}\n{{/setvar}}[{{getvar::x}}]", "[Robin]"),
        ("{{user}}x{{/user}}", "{{user}}x{{/user}}"),
        ("{{unknown}}x{{user}}{{/unknown}}", "{{unknown}}xRobin}}"),
        ("{{#trim}} a {{/trim}}|", " a |"),
        ("{{if {{space}}}}y{{/if}}{{if newline}}y{{/if}}", "yy"),
        ("{{if 0}}a{{ELSE}}b{{/if}}|", "|"),
        ("{{if persona}}\n  {{char}}\n b\n{{/if}}", "Tessa\nb"),
        ("{{if persona}}a{{//}}b{{/if}}c{{///}}", "a{{//}}bc{{///}}"),
        ("{{random}}a{{/random}}", "{{random}}a{{/random}}"),
    ],
)
def test_tags_hold_what_stands_between_them(text: str, expected: str) -> None:
    assert macros().expand(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{setvar::n::5}}{{incvar::n}} {{decvar::n}} {{addvar::n::2}}{{getvar::n}}", "6 5 7"),
        ("{{setvar::t::007}}{{getvar::t}}", "7"),
        ("{{setvar::s::ab}}{{addvar::s::cd}}{{getvar::s}}", "abcd"),
        ('{{setvar::l::["a"]}}{{addvar::l::b}}{{getvar::l}}', '["a","b"]'),
        ('{{setvar::l::["a"]}}{{setvarkey::l::2::c}}{{getvar::l}}', '["a",null,"c"]'),
        ("{{setvarkey::o::k::v}}{{getvarkey::o::k}}{{getvarkey::o::z}}", "v"),
        ("{{setglobalvar::g::1}}{{getglobalvar::g}}{{getvar::g}}", "1"),
        ("{{setvar::a::1}}{{hasvar::a}} {{deletevar::a}}{{hasvar::a}}", "true false"),
        ("{{.n = 5}}{{.n += 3}}{{.n -= 1}}{{.n}} {{.n++}} {{.n--}}", "7 8 7"),
        ("{{.a || x}} {{.a ?? y}} {{.a ||= z}} {{.a}}", "x y z z"),
        ("{{$g = 2}}{{$g == 2.0}} {{$g != 2}} {{$g >= 2}} {{$g < 1}}", "false false true false"),
        ("{{$g = 2}}{{$g == 2}} {{.none > -1}} {{.none == }}", "true true true"),
        ("{{.t = a}}{{.t -= 1}}{{.t}}", "a-1"),
        ("{{setvar::l::[]}}{{incvar::l}} {{getvarkey::l::length}} {{getvarindex::l::0}}", "[1] 1 1"),
        ("{{setvarkey::n::2::v}}{{getvarkey::n::0}}{{getvarkey::n::7}}", "null"),
        ("{{.x += {{setvar::x::a}}}}{{.x}}", "a"),
        ("{{.x -= {{setvar::x::7}}2}}{{.x}}", "5"),
        ("{{setvar::t::text}}{{setvarkey::t::1::v}}{{getvar::t}} {{getvarkey::t::1}}", "text text"),
        ("{{setvar::::b}}", "{{setvar::::b}}"),
        ("{{.x = {{user}}}}{{.x}}{{if .x}}!{{/if}}", "Robin!"),
        ("{{getvar}}", "{{getvar}}"),
        ("[{{.n nonsense}}] {{.n more nonsense}}", "[] {{.n more nonsense}}"),
    ],
)
def test_variables(text: str, expected: str) -> None:
    assert macros().expand(text) == expected


def test_variables_are_those_of_the_scene() -> None:
    held = Variables(local={"hp": "3"}, everywhere={})
    assert macros(variables=held).expand("{{addvar::hp::1}}{{setglobalvar::seen::yes}}{{getvar::hp}}") == "4"
    assert held == Variables(local={"hp": 4}, everywhere={"seen": "yes"})


def test_random_takes_one_of_its_choices() -> None:
    one = macros()
    assert {one.expand("{{random:a,b,c}}") for _ in range(50)} == {"a", "b", "c"}
    assert {one.expand("{{random::a, b::c}}") for _ in range(50)} == {"a, b", "c"}


def test_the_choice_of_the_engine_of_before_hangs_on_the_text_as_it_was_written() -> None:
    # Captured from SillyTavern 1.19 with its newer engine switched off.
    picks = [
        ("<user> {{user}} {{pick:a,b,c,d,e,f}}", "Robin Robin f"),
        ("😀{{pick::1::2::3::4::5::6}}{{pick:1,2,3,4,5}}", "😀53"),
    ]
    assert [macros(4242, legacy=True).expand(text) for text, _ in picks] == [made for _, made in picks]


def test_picks_are_made_anew_where_somebody_said_so() -> None:
    # Captured from SillyTavern 1.19: its /reroll-pick writes such a seed into the chat.
    text = "{{pick::1::2::3::4::5::6::7::8::9}}"

    def made(reroll: str) -> str:
        dice = random.Random(7)
        return Macros(char="", user="", now=NOW, dice=dice, chat_hash=4242, pick_reroll=reroll).expand(text)

    assert [made(reroll) for reroll in ("", "abc", "5")] == ["9", "5", "2"]


def test_pick_stays_within_a_chat_and_differs_between_chats() -> None:
    text = "{{pick:1,2,3,4,5,6,7,8,9}}" * 6
    assert macros("one").expand(text) == macros("one").expand(text)
    assert macros("one").expand(text) != macros("two").expand(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{user}}|<BOT>|{{setvar::a::1}}{{incvar::a}}{{getvar::a}}", "Robin|Tessa|22"),
        ("{{if user}}y{{/if}}", "{{if user}}y{{/if}}"),
        ("{{reverse:abc}}|{{random:one}}|{{time_UTC+9}}|{{// c}}|{{nosuch}}", "cba|one|11:05 PM||{{nosuch}}"),
        ("{{setvar::who::{{char}}}}[{{getvar::who}}]", "}}[{{char]"),
        # Names that only the newer engine knows stay, and one that only this one knew is known.
        ("{{charDescription}}{{exampleSeparator}}", "{{charDescription}}{{exampleSeparator}}"),
        ("{{space}}{{hasvar::a}}{{else}}{{charFirstMessage}}", "{{space}}{{hasvar::a}}{{else}}{{charFirstMessage}}"),
        ("[{{charJailbreak}}{{instructFirstOutput}}]", "[]"),
        # The old names are names at once; what another kind of macro yields is seen by those that come later.
        ("{{setvar::a::<BOT>}}{{getvar::a}}", "Tessa"),
        ("{{description}}", "Tessa is tall"),
        ("{{setvar::a:: x }}[{{getvar::a}}]", "[ x ]"),
        ("{{setvar:: ::a}}{{setvar::b::c}}{{getvar::b}}", "{{setvar:: ::a}}{{setvar::b::c}}"),
        ("{{reverse:a\nb}}{{reverse:a}b}}", "{{reverse:a\nb}}b}a"),
        ('{{banned "a"}} and {{banned "b"}}.', "."),
        ("{{timeDiff::{{date}} {{time}}::{{isodate}}}}", "in 14 hours"),
    ],
)
def test_the_engine_of_before_replaces_one_kind_after_the_other(text: str, expected: str) -> None:
    assert macros(legacy=True).expand(text) == expected


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("", "Be Tessa."),
        ("  ", "Be Tessa."),
        ("Stay {{user}}.", "Stay Robin."),
        ("A {{original}} B {{original}} C", "A Be Tessa. B  C"),
    ],
)
def test_a_card_may_put_its_own_prompt_around_the_original(override: str, expected: str) -> None:
    assert macros().expand_override(override, "Be {{char}}.") == expected


@pytest.mark.parametrize("text", ["{{" * 100_000, "}}" * 100_000, "{{x" * 500 + "}}" * 500])
def test_braces_without_sense_cost_little(text: str) -> None:
    assert macros().expand(text).count("{") == text.count("{")


@pytest.mark.parametrize(
    "text",
    [
        "{{big}}" * 41,
        "{{newline::9999}}" * 500,
        "{{noop}}" * 200_001,
        "{{.x = aaaaaaaaaaaaaaaa}}" + "{{.x = {{.x}}{{.x}}}}" * 20,
    ],
)
def test_a_text_that_grows_without_measure_is_refused(text: str) -> None:
    grown = macros().with_values({"big": "x" * 100_000})
    with pytest.raises(Invalid) as caught:
        grown.expand(text)
    assert caught.value.code == "prompt_too_long"


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 400_000 + "{{trim",
        "{{ " + " " * 400_000,
        "{{" * 200_000,
        "{{random:" + "\\," * 200_000,
        "{{if x}}" * 20_000 + "{{/if}}" * 20_000,
        "{{//a}}" * 20_000 + "{{///}}" * 20_000,
        "{{if {{if " * 2_000 + "}}" * 4_000,
        "{{. " + " " * 300_000 + "x",
        "{{setvar::a::" * 4_900 + "x" * 400_000,
        "{{//" * 4_900 + "x" * 400_000,
        "{{setvar::l::[" + "[" * 100_000 + "}}{{addvar::l::x}}",
    ],
)
def test_what_is_built_to_take_long_takes_no_longer(text: str) -> None:
    """What walks a stretch again from each of its places would run into the time-out of the test."""
    assert {fate(text, legacy=legacy) for legacy in (False, True)} <= {"made", "prompt_too_long"}


def fate(text: str, *, legacy: bool) -> str:
    """`made` when the text fits into a prompt, else the code it is refused with."""
    try:
        return "made" if len(macros(legacy=legacy).expand(text)) <= 4_000_000 else "larger than any prompt"
    except Invalid as refused:
        return refused.code


def test_runs_of_trims_leave_nothing() -> None:
    assert macros().expand("a\n\n{{trim}}\n\n{{trim}}\n\nb") == "ab"


PIECES = [
    "{{",
    "}}",
    "{{",
    "}}",
    "::",
    ":",
    "if",
    "else",
    "/if",
    "/",
    "#",
    "!",
    ".x",
    "$y",
    "=",
    "+=",
    "++",
    "||",
    "??=",
    "//",
    "///",
    "trim",
    "setvar",
    "getvar",
    "x",
    "1",
    "a,b",
    "\\,",
    "\\{",
    "user",
    "{{user}}",
    "{{else}}",
    "{{/if}}",
    "{{if",
    "x}}",
    "{{trim}}",
    "random",
    "pick",
    "roll",
    "1d6",
    "newline",
    "<USER>",
    "{",
    "}",
    "[1]",
    "setvarkey",
    "{{/setvar}}",
    "{{setvar::x}}",
    "time",
    "reverse",
    "outlet",
]


@settings(max_examples=400, deadline=None)
@given(text=st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), legacy=st.booleans())
def test_no_text_is_too_odd(text: str, legacy: bool) -> None:
    resolved = macros(legacy=legacy).expand(text)
    assert "\0" not in resolved


def test_a_greeting_is_asked_for_by_its_number() -> None:
    one = macros().with_values({"charFirstMessage": "Hail.", "greeting 1": "Evening."})
    assert one.expand("{{greeting}} {{greeting::0}} {{greeting::1}}|{{greeting::2}}") == "Hail. Hail. Evening.|"
    assert one.expand("{{greeting::x}}") == "{{greeting::x}}"
