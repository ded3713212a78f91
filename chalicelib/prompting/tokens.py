"""Counting tokens with tiktoken and the rank files that travel with us: nothing is fetched.

An encoding takes about 0.2 s to load and is loaded at its first use. docs/decisions/0009-prompting.md has the numbers.
"""

import hashlib
import math
import re
import threading
import zlib
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, pairwise

import tiktoken

from chalicelib.errors import Unavailable

_CHECKSUMS = {
    "o200k_base": "dce434c331e2b595eab34335423e5d1924359ebb49b6d2eae3c4539c0c0ed1c0",
    "cl100k_base": "1b57c7f611a970e92cfb0d6b24bba94d62b107e2fdeb89a0ef76f248e6169b88",
}
# Splitting rules of the encodings; they belong to the ranks as the ranks to them.
_PATTERNS = {
    "o200k_base": "|".join(
        (
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
            r"\p{N}{1,3}",
            r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
            r"\s*[\r\n]+",
            r"\s+(?!\S)",
            r"\s+",
        )
    ),
    "cl100k_base": (
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
        r"|\s+(?!\S)|\s"
    ),
}
# The work for one unbroken run grows with its square (50,000 letters take 0.8 s), and tiktoken panics on some 350,000
# white spaces: texts with a long run are counted in pieces. A cut costs a token at most.
_PIECE_CHARACTERS = 2_000
_REMEMBERED_CHARACTERS_MOST = 4_000
ESTIMATE = "bytes"
BYTES_A_TOKEN = 3.35
"""As SillyTavern estimates."""
_LONG_RUN = re.compile(rf"(?<!\S)\S{{{_PIECE_CHARACTERS + 1}}}|(?<!\s)\s{{{_PIECE_CHARACTERS + 1}}}")
"""Looked for at the beginnings of runs only, so that it never takes more than one pass."""
_loading = threading.Lock()
_loaded: dict[str, tiktoken.Encoding] = {}


def counter(encoding: str) -> Callable[[str], int]:
    """A function that counts the tokens of a text; usable from any thread. The first call loads the encoding.

    `bytes` is an estimate for models whose encoding nobody knows. What was counted lately is remembered by its text.
    """
    if encoding == ESTIMATE:
        return lambda text: math.ceil(len(text.encode("utf-8", "surrogatepass")) / BYTES_A_TOKEN)

    def count(text: str) -> int:
        if len(text) > _REMEMBERED_CHARACTERS_MOST:
            return _count(encoding, text)
        return _remembered(encoding, text)

    return count


def encoder(encoding: str) -> Callable[[str], list[int]]:
    """A function that gives a text's tokens."""

    def encode(text: str) -> list[int]:
        return (_loaded.get(encoding) or _load(encoding)).encode_ordinary(text)

    return encode


def ranks(encoding: str) -> dict[bytes, int]:
    """Each token's rank. Raises Unavailable when the file that travels with us is damaged."""
    packed = files("chalicelib.prompting.ranks").joinpath(f"{encoding}.ranks").read_bytes()
    if hashlib.sha256(packed).hexdigest() != _CHECKSUMS[encoding]:
        raise Unavailable(f"The rank file of {encoding} is damaged. Please install the program again.")
    data = zlib.decompress(packed)
    first = 4 + int.from_bytes(data[:4], "big")
    ends = accumulate(data[4:first], initial=first)
    return {data[start:end]: rank for rank, (start, end) in enumerate(pairwise(ends))}


def _count(encoding: str, text: str) -> int:
    loaded = _loaded.get(encoding) or _load(encoding)
    return sum(len(loaded.encode_ordinary(piece)) for piece in _pieces(text))


@lru_cache(maxsize=4_096)
def _remembered(encoding: str, text: str) -> int:
    return _count(encoding, text)


def _pieces(text: str) -> list[str]:
    if not _LONG_RUN.search(text):
        return [text]
    return [text[start : start + _PIECE_CHARACTERS] for start in range(0, len(text), _PIECE_CHARACTERS)]


def _load(encoding: str) -> tiktoken.Encoding:
    with _loading:
        if encoding not in _loaded:
            _loaded[encoding] = tiktoken.Encoding(
                encoding, pat_str=_PATTERNS[encoding], mergeable_ranks=ranks(encoding), special_tokens={}
            )
        return _loaded[encoding]
