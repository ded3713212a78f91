"""Story strings: what templates of the field may say, and that no template can stall or flood a prompt."""

import pytest

from chalicelib.errors import Invalid
from chalicelib.prompting.text.handlebars import RENDERED_CHARACTERS_MOST, render

FIELDS = {"system": "SYS", "description": "DESC", "persona": ""}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{system}}|{{{system}}}|{{&system}}|{{ system }}", "SYS|SYS|SYS|SYS"),
        ("{{#if system}}{{system}}\n{{/if}}{{#if persona}}{{persona}}\n{{/if}}end", "SYS\nend"),
        ("{{#if persona}}a{{else if description}}b{{else}}c{{/if}}", "b"),
        ("{{#if persona}}a{{else if unknown}}b{{else}}c{{/if}}", "c"),
        ("{{#if system}}{{#if persona}}P{{else}}N{{/if}}{{/if}}", "N"),
        ("{{#unless persona}}a{{else}}b{{/unless}}", "a"),
        ("{{#with system}}<{{this}}>{{/with}}{{#description}}<{{.}}>{{/description}}", "<SYS><DESC>"),
        ("{{^nobody}}unknown{{/nobody}}{{#nobody}}x{{^}}unknown{{/nobody}}", "unknownunknown"),
        ("{{^persona}}x{{/persona}}{{#persona}}known{{^}}x{{/persona}}", "known"),
        ("{{#each description}}x{{else}}nothing{{/each}}", "nothing"),
        ("{{@root.system}} {{this.system}} {{../system}}", "SYS SYS SYS"),
        ("a {{~ system ~}} b", "aSYSb"),
        ("a{{! a comment }}b{{!-- }} --}}c", "abc"),
    ],
)
def test_fields_conditions_and_comments(template: str, expected: str) -> None:
    assert render(template, FIELDS) == expected


def test_a_field_that_nobody_knows_stays_for_the_macros_and_counts_as_empty() -> None:
    assert render("{{trim}}{{getvar::x}}{{roll 1d6}}{{// c }}", FIELDS) == "{{trim}}{{getvar::x}}{{roll 1d6}}{{// c }}"
    assert render("{{random::{{description}}::b}}", FIELDS) == "{{random::DESC::b}}"
    assert render("{{#if unknown}}x{{/if}}z", FIELDS) == "z"
    assert render("{{#if (eq a b)}}called{{/if}}", FIELDS) == "called"


def test_a_tag_alone_on_its_line_takes_the_line_with_it() -> None:
    template = "{{#if system}}\n  {{system}}\n{{else}}\n  none\n{{/if}}\n{{! note }}\nend"
    assert render(template, FIELDS) == "  SYS\nend"
    assert render("x {{#if system}}\ny\n{{/if}} z", FIELDS) == "x \ny\n z"


def test_what_is_not_well_formed_stays_as_text() -> None:
    for text in ("{{#if system}}open", "x{{/if}}{{else}}", "{{#if}}x{{/if}}", "{{", "}}", "{{#if system", "{{!-- open"):
        assert render(text, FIELDS) == text
    assert render("{{#if system}}a{{#unless x}}b{{/if}}", FIELDS) == "a{{#unless x}}b"
    assert render("\\{{system}}", FIELDS) == "{{system}}"


@pytest.mark.parametrize(
    "hostile",
    [
        "{{",
        "{{!",
        "{{!--",
        "{{!-- --}",
        "{{ ",
        "{{~",
        "{{#if a}}",
        "{{#with system}}",
        "{{else}}",
        "{{/if}}",
        "\n",
        " ",
        "{{#if " + " " * 300,
    ],
)
def test_templates_full_of_one_thing_are_read_through_once(hostile: str) -> None:
    long = (hostile * 200_000)[:190_000]
    # A walk that began anew at each brace would take minutes and end at the tests' time limit.
    assert render(long + "{{system}}", FIELDS)
    render(long + "}}--}}{{/if}}", FIELDS)


def test_a_template_that_repeats_a_large_field_is_refused() -> None:
    with pytest.raises(Invalid, match="story string"):
        render("{{system}}" * 1000, {"system": "x" * (RENDERED_CHARACTERS_MOST // 500)})
    with pytest.raises(Invalid, match="story string"):
        render("x" * 200_001, {})
