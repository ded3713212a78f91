"""The benchmarks run to their end and lose nothing. What they measure is not looked at: a test has no clock."""

import os
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import curves, sockets, streaming

LIMITS = {"connection_seconds": 60.0, "idle_seconds": 30.0}
"""Longer than a test: a slow machine loses no socket by them."""


@pytest.fixture(scope="module")
def one() -> Iterator[streaming.Stage]:
    """The whole stack with the paced model and the bare relay beside it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.setenv(name, os.environ[name])  # seeding sets those of its cloud
        with streaming.stage(workers=1, at_once=50, socket_limits=LIMITS) as made:
            yield made


@pytest.mark.parametrize("target", streaming.TARGETS)
def test_three_readers_at_once_read_every_token_once(one: streaming.Stage, target: str) -> None:
    chosen = streaming.arguments(["--seconds", "1", "--tokens", "10,20", "--quiet", "0"])
    row = streaming.run_cell(one, 3, target, chosen)
    assert _unharmed(row)
    assert row["replies"] >= 3
    assert row["counted"]["tokens"] > 0


def test_long_replies_on_a_ramp_with_short_ones_beside_them_come_whole(one: streaming.Stage, tmp_path: Path) -> None:
    ramp = ["--ramp-from", "3", "--long-tokens", "20", "--starts-a-second", "3", "--steady", "1"]
    trickle = ["--trickle", "1", "--trickle-a-second", "2", "--trickle-tokens", "20", "--quiet", "0"]
    row = streaming.run_cell(one, 3, "product", streaming.arguments([*ramp, *trickle]))
    assert _unharmed(row)
    assert (row["replies"], row["first_token_ms"]["samples"] > 0) == (5, True)
    beyond = row["beyond_tokens_cpu_ms"]["begin and store a short one"]
    assert set(beyond) >= {"front", "worker-1", "aws", "model", "client"}
    assert "| 0 / 0 / 0 / 0 |" in streaming.goals({"cells": [row], "frames_at_25": row})
    text = streaming.table([row])
    assert "| 3 | TavernAI Plus |" in text
    assert len({line.count("|") for line in text.split("\n\n")[0].splitlines()}) == 1
    drawn = curves.draw([row, row | {"readers": 6}], tmp_path)
    for name in drawn:
        assert ElementTree.parse(tmp_path / name).getroot().tag.endswith("svg")
    assert set(drawn) == {"streaming-first-token.svg", "streaming-cpu.svg"}


async def test_readers_renew_their_sockets_while_they_read_and_notice_nothing(one: streaming.Stage) -> None:
    shortened = ["--connection-seconds", "4", "--idle-seconds", "2", "--pause", "30"]
    chosen = sockets.arguments(["--minutes", "0.1", "--readers", "3", "--tokens", "60", "--rest", "0.5", *shortened])
    figures = await sockets.measure(chosen, one.cloud.url, one.cloud.environment, one.addresses["direct"])
    assert figures["problems"] == {}
    assert (figures["lost"], figures["repeated"], figures["disordered"]) == (0, 0, 0)
    assert figures["sockets"] >= 2 * 3
    assert figures["share_unnoticed"] == 1.0
    assert "| sockets unnoticed by their readers | 100.000% |" in sockets.table(figures)


def _unharmed(row: dict[str, object]) -> bool:
    assert row["problems"] == {}
    assert (row["lost"], row["repeated"], row["disordered"], row["failed"]) == (0, 0, 0, 0)
    assert row["sent_twice_bytes"] == 0
    return True
