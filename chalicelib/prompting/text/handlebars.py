"""Story strings: the part of Handlebars that templates of the field use.

    {{name}} {{{name}}} {{&name}}     a field as it is; an unknown name stays as text, for the macros
    {{#if name}} … {{else if name}} … {{else}} … {{/if}}
    {{#unless}} {{#with}} {{#each}}   likewise
    {{#name}} … {{^}} … {{/name}}     the first where the field is known, even an empty one; {{^name}} the opposite
    {{! … }} {{!-- … --}}             a comment
    {{~ … ~}}                         takes the white space beside it away

As in Handlebars, a tag of a block or a comment that stands alone on its line takes the line with it. Whatever is not
well formed stays as text. Templates are strangers' text: the work grows with their length and no more, nothing is
called, nothing repeats, and what comes out has a limit.

Source: the language guide of Handlebars.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.errors import Invalid

TEMPLATE_CHARACTERS_MOST = 200_000
RENDERED_CHARACTERS_MOST = 4_000_000

_NAME = r"(?:(?:\.\./){0,20}(?:@root\.|this[./]|\./)?[^\s!\"#%&'()*+,./;<=>@\[\\\]^`{|}~]{1,100})"
# Every repetition has an end: what a stranger wrote must not be walked through again from each of its braces.
_TAG = re.compile(
    rf"""(?P<escape>\\)?\{{\{{(?P<left>~)?\s{{0,20}}(?:
        !(?!--)(?P<comment>[^}}~]{{0,2000}}+)
      | (?P<raw>[&{{])?\s{{0,20}}(?!(?:else|\^)\s{{0,20}}~?\}}\}})(?P<value>{_NAME}|\.)\s{{0,20}}(?(raw)\}}?)
      | \#\s{{0,20}}(?P<block>{_NAME})(?P<subject>\s[^{{}}~]{{0,300}}+)?
      | (?:else|\^)(?:\s{{1,20}}(?P<again>if|unless)(?P<then>\s[^{{}}~]{{1,300}}+)|\s{{0,20}})(?P<else>)
      | \^\s{{0,20}}(?P<inverse>{_NAME})\s{{0,20}}
      | /\s{{0,20}}(?P<close>{_NAME})\s{{0,20}}
    )(?P<right>~)?\}}\}}""",
    re.VERBOSE,
)
_LONG_COMMENT = re.compile(r"\{\{~?!--")
_LONG_COMMENT_END = re.compile(r"--~?\}\}")
_ENDS_LINE = re.compile(r"[ \t]*\r?\n")
_BLANK_TO_LINE_START = re.compile(r"\n[ \t]*\Z")
_PATH = re.compile(r"(?:\.\./)*(?:@root\.|this[./]|\./)?")
_HELPERS = ("if", "unless", "with", "each")


@dataclass(slots=True)
class _Piece:
    """A stretch of text or a tag. The branches of a block know where the next one begins, and where the block ends."""

    text: str
    kind: str = "text"
    name: str = ""
    subject: str | None = None
    left: bool = False
    right: bool = False
    """Whether it takes the white space beside it away."""
    is_tag: bool = False
    next: int = -1
    end: int = -1


def render(template: str, fields: Mapping[str, str]) -> str:
    """The template with its fields put in. Raises Invalid (`prompt_too_long`) when it or the result is too large."""
    if len(template) > TEMPLATE_CHARACTERS_MOST:
        raise _too_large()
    pieces = _pieces(template)
    _pair(pieces)
    _trim(pieces)
    return _evaluated(pieces, fields)


def _pieces(template: str) -> list[_Piece]:
    comment_ends = [found.span() for found in _LONG_COMMENT_END.finditer(template)][::-1]
    pieces: list[_Piece] = []
    position = 0
    for brace in re.finditer(r"\\?\{\{", template):
        start = brace.start()
        if start < position:
            continue
        tag = _TAG.match(template, start)
        piece, end = (_tag(tag), tag.end()) if tag else (None, start)
        if piece is None and _LONG_COMMENT.match(template, start):
            while comment_ends and comment_ends[-1][0] < start + 5:
                comment_ends.pop()
            if comment_ends:
                end = comment_ends[-1][1]
                text = template[start:end]
                piece = _Piece(text, "comment", left=text[2] == "~", right=text[-3] == "~", is_tag=True)
        if piece is not None:
            if start > position:
                pieces.append(_Piece(template[position:start]))
            pieces.append(piece)
            position = end
    if position < len(template):
        pieces.append(_Piece(template[position:]))
    return pieces


def _tag(tag: re.Match[str]) -> _Piece:
    kinds = ("comment", "value", "block", "else", "inverse", "close")
    kind = "escaped" if tag["escape"] else next(kind for kind in kinds if tag[kind] is not None)
    subject = tag["then"] if kind == "else" else tag["subject"]
    return _Piece(
        tag[0],
        kind,
        (tag["again"] or "")
        if kind == "else"
        else tag["value"] or tag["block"] or tag["inverse"] or tag["close"] or "",
        None if subject is None else subject.strip(),
        left=bool(tag["left"]),
        right=bool(tag["right"]),
        is_tag=True,
    )


def _pair(pieces: list[_Piece]) -> None:
    """Links the branches of each block. A tag that has no partner becomes text."""
    open_blocks: list[list[int]] = []
    for index, piece in enumerate(pieces):
        if piece.kind == "block" and bool(piece.subject) != (piece.name in _HELPERS):
            piece.kind = "text"
        elif piece.kind in ("block", "inverse"):
            open_blocks.append([index])
        elif piece.kind == "else" and open_blocks:
            open_blocks[-1].append(index)
        elif piece.kind == "else":
            piece.kind = "text"
        elif piece.kind == "close":
            _close(pieces, open_blocks, index)
    for branches in open_blocks:
        _as_text(pieces, branches)


def _close(pieces: list[_Piece], open_blocks: list[list[int]], index: int) -> None:
    names = [pieces[branches[0]].name for branches in open_blocks[-50:]]
    if pieces[index].name not in names:
        pieces[index].kind = "text"
        return
    while pieces[open_blocks[-1][0]].name != pieces[index].name:
        _as_text(pieces, open_blocks.pop())
    branches = open_blocks.pop()
    for branch, following in zip(branches, [*branches[1:], index], strict=True):
        pieces[branch].next, pieces[branch].end = following, index


def _as_text(pieces: list[_Piece], branches: list[int]) -> None:
    for branch in branches:
        pieces[branch].kind = "text"


def _trim(pieces: list[_Piece]) -> None:
    """Takes away what `~` and tags alone on their line take away. What stands alone is decided before anything goes."""
    alone = [_alone(pieces, index) for index in range(len(pieces))]
    for index, piece in enumerate(pieces):
        if piece.kind in ("text", "escaped"):
            continue
        before = pieces[index - 1] if index and not pieces[index - 1].is_tag else None
        after = pieces[index + 1] if index + 1 < len(pieces) and not pieces[index + 1].is_tag else None
        if before is not None and piece.left:
            before.text = before.text.rstrip()
        elif before is not None and alone[index]:
            before.text = before.text.rstrip(" \t")
        if after is not None and piece.right:
            after.text = after.text.lstrip()
        elif after is not None and alone[index]:
            after.text = _ENDS_LINE.sub("", after.text, count=1) if _ENDS_LINE.match(after.text) else ""


def _alone(pieces: list[_Piece], index: int) -> bool:
    if pieces[index].kind not in ("block", "inverse", "else", "close", "comment"):
        return False
    begins, ends = index == 0, index == len(pieces) - 1
    if not begins and not pieces[index - 1].is_tag:
        text = pieces[index - 1].text
        begins = bool(_BLANK_TO_LINE_START.search(text[-1000:])) or (index == 1 and not text.strip())
    if not ends and not pieces[index + 1].is_tag:
        text = pieces[index + 1].text
        ends = bool(_ENDS_LINE.match(text)) or (index == len(pieces) - 2 and not text.strip())
    return begins and ends


def _evaluated(pieces: list[_Piece], fields: Mapping[str, str]) -> str:
    parts: list[str] = []
    contexts: list[tuple[int, str]] = []
    """Ends of the blocks that set `this`, and what it is there."""
    index = size = 0
    while index < len(pieces):
        piece, following = pieces[index], index + 1
        if piece.kind == "text":
            parts.append(piece.text)
        elif piece.kind == "escaped":
            parts.append(piece.text[1:])
        elif piece.kind == "value":
            found = _found(piece.name, fields, contexts)
            parts.append(piece.text if found is None else found)
        elif piece.kind in ("block", "inverse"):
            following = _entered(pieces, index, fields, contexts)
        elif piece.kind == "else":
            # Reached from above: the branch before it was the one.
            following = piece.end
        elif piece.kind == "close" and contexts and contexts[-1][0] == index:
            contexts.pop()
        size += len(parts[-1]) if piece.kind in ("text", "escaped", "value") else 0
        if size > RENDERED_CHARACTERS_MOST:
            raise _too_large()
        index = following
    return "".join(parts)


def _entered(pieces: list[_Piece], index: int, fields: Mapping[str, str], contexts: list[tuple[int, str]]) -> int:
    """Where evaluation goes on: after the first branch whose condition holds, or at the block's end."""
    end = pieces[index].end
    while index != end:
        piece = pieces[index]
        if piece.kind == "else" and not piece.name:
            return index + 1
        value = _subject(piece.name if piece.subject is None else piece.subject, fields, contexts)
        holds = bool(value)
        if piece.subject is None:
            holds = _found(piece.name, fields, contexts) is not None
        # A field is one text: `each` has nothing to go through.
        if piece.name != "each" and holds != (piece.kind == "inverse" or piece.name == "unless"):
            if piece.kind == "block" and piece.name not in ("if", "unless"):
                contexts.append((end, value))
            return index + 1
        index = piece.next
    return end


def _subject(subject: str, fields: Mapping[str, str], contexts: list[tuple[int, str]]) -> str:
    if len(subject) > 1 and subject[0] == subject[-1] and subject[0] in "\"'":
        return subject[1:-1]
    if subject.startswith("("):
        # A call of something nobody knows: its text is what it comes to.
        return subject
    if subject == "true" or (subject.isdecimal() and int(subject[:20])):
        return subject
    return _found(subject, fields, contexts) or ""


def _found(name: str, fields: Mapping[str, str], contexts: list[tuple[int, str]]) -> str | None:
    if name in ("this", "."):
        return contexts[-1][1] if contexts else None
    return fields.get(_PATH.sub("", name, count=1))


def _too_large() -> Invalid:
    return Invalid(
        "The story string of the context template makes the prompt too large. Please shorten it.",
        code="prompt_too_long",
    )
