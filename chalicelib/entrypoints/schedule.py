"""The clock: once a minute, what must be looked after even if nobody comes by."""

from collections.abc import Callable
from typing import Any

from chalicelib.clients.correlation import correlated
from chalicelib.container import Container, container
from chalicelib.entrypoints import faults
from chalicelib.entrypoints.journal import journal
from chalicelib.entrypoints.meters import write_metrics

# Each is quick when there is nothing to do.
SWEEPS: tuple[Callable[[Container], object], ...] = (
    lambda parts: parts.sweeping.sweep(),
    lambda parts: parts.jobs.sweep(parts.clock.now()),
    lambda parts: parts.uploads.sweep(parts.clock.now()),
    lambda parts: parts.characters.sweep(parts.clock.now()),
    lambda parts: parts.chats.sweep(),
    lambda parts: parts.worlds.sweep(parts.clock.now()),
    lambda parts: parts.manifests.sweep(),
    lambda parts: parts.moves.sweep(parts.clock.now()),
)


def run(event: dict[str, Any]) -> None:
    """Runs each sweep; one that fails is logged and keeps none of the others from running."""
    journal()
    with correlated(faults.new_correlation_id()):
        for sweep in SWEEPS:
            try:
                sweep(container())
            except Exception:  # noqa: BLE001  the last line of defence: one sweep must not stop the next
                journal().exception("a sweep failed", extra={"scheduled": event.get("time")})
    write_metrics("schedule")
