"""The rules of leases and attempts: what becomes of a generation whose worker is lost."""

from datetime import datetime, timedelta
from typing import Literal

from chalicelib.models.generations import GenerationRecord

ATTEMPTS_MOST = 2
QUEUED_SECONDS_MOST = 5
"""A generation queued for longer is sent to the queue again: the order may be lost."""

Verdict = Literal["alive", "waiting", "send", "end", "again"]


def is_dead(record: GenerationRecord, now: datetime) -> bool:
    """Whether it runs without a worker."""
    return record.status == "running" and (record.lease_until is None or record.lease_until < now)


def is_overdue(record: GenerationRecord, now: datetime) -> bool:
    """Whether it has waited in the queue for so long that the order may be lost."""
    return record.status == "queued" and now - record.queued_at > timedelta(seconds=QUEUED_SECONDS_MOST)


def verdict(record: GenerationRecord, now: datetime, *, has_text: bool) -> Verdict:
    """What whoever meets an unfinished generation does.

    `alive`: nothing, a worker is at it. `waiting`: nothing, it is queued. `send`: order it again. `end`: end it
    with the text it has. `again`: queue it for another attempt, nobody has seen any text.
    """
    if is_dead(record, now):
        if has_text or record.stop_asked or record.epoch >= ATTEMPTS_MOST:
            return "end"
        return "again"
    if record.status == "queued":
        if record.stop_asked:
            return "end"
        return "send" if is_overdue(record, now) else "waiting"
    return "alive"
