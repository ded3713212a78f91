"""Counting tokens with the rank files that travel with us."""

import base64
import hashlib
import threading

import pytest

from chalicelib.prompting.tokens import counter, ranks

# The hashes of the files OpenAI publishes, as tiktoken itself demands them.
PUBLISHED = {
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
}


@pytest.mark.parametrize("encoding", PUBLISHED)
def test_the_rank_file_holds_exactly_what_is_published(encoding: str) -> None:
    text = b"".join(base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks(encoding).items())
    assert hashlib.sha256(text).hexdigest() == PUBLISHED[encoding]


@pytest.mark.parametrize("encoding", PUBLISHED)
def test_the_splitting_rules_are_tiktokens_own(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from tiktoken_ext import openai_public

    from chalicelib.prompting.tokens import _PATTERNS

    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *args, **more: {})
    assert getattr(openai_public, encoding)()["pat_str"] == _PATTERNS[encoding]


# Counts from OpenAI's cookbook, "How to count tokens with tiktoken".
@pytest.mark.parametrize(
    ("text", "cl100k", "o200k"),
    [
        ("", 0, 0),
        ("hello world", 2, 2),
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 9, 8),
    ],
)
def test_counts_are_the_known_ones(text: str, cl100k: int, o200k: int) -> None:
    assert (counter("cl100k_base")(text), counter("o200k_base")(text)) == (cl100k, o200k)


@pytest.mark.parametrize("text", ["<|endoftext|>", "\ud800", "\x00", "🏳️‍🌈", " \n\t\r\n "])
def test_nothing_a_person_can_send_breaks_the_counting(text: str) -> None:
    assert counter("o200k_base")(text) > 0


@pytest.mark.parametrize("letter", [" ", "\n", "a", "!", "中"])
def test_a_very_long_run_of_one_letter_is_counted_too(letter: str) -> None:
    assert counter("o200k_base")(letter * 400_000) > 1000


def test_threads_share_one_encoding() -> None:
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(counter("o200k_base")("a b c"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [3] * 8
