"""The queue of replies. `process` is the core: the local poller calls it, and on AWS powertools' batch processor."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from chalicelib.clients.correlation import correlated
from chalicelib.clients.loop import run_there
from chalicelib.container import container
from chalicelib.entrypoints import faults
from chalicelib.entrypoints.journal import journal
from chalicelib.entrypoints.meters import write_metrics
from chalicelib.models.jobs import GenerationOrder

DELIVERIES_MOST = 2
"""An order that fails so often ends its reply with an error, and frees the branch."""


def generate(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A batch of orders from SQS; those that failed are named in the answer and come again."""
    from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType, async_process_partial_response

    async def obey(record: Any) -> None:
        # On the background loop: its connections stay open from one batch to the next. Not by way of a thread each:
        # Python's own pool has five on a function's one core, and the rest of a batch would wait for the first.
        await run_there(_obey(record.raw_event, context.get_remaining_time_in_millis))

    processor = AsyncBatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer = async_process_partial_response(event=event, record_handler=obey, processor=processor, context=context)
    write_metrics("worker")
    return dict(answer)


async def process(records: list[dict[str, Any]], *, function_seconds: float | None = None) -> list[str]:
    """Writes the replies that the messages order, all at once; ids of the messages that failed and shall come again.

    `function_seconds` is what a function on AWS would have for them; None means as long as it takes.
    """
    left = None if function_seconds is None else _countdown(function_seconds)
    outcomes = await asyncio.gather(*(_obey(record, left) for record in records), return_exceptions=True)
    failed = []
    for record, outcome in zip(records, outcomes, strict=True):
        if isinstance(outcome, asyncio.CancelledError):
            raise outcome
        if outcome is not None:
            failed.append(str(record["messageId"]))
    return failed


async def _obey(record: dict[str, Any], remaining_ms: Callable[[], float] | None) -> None:
    log = journal()
    try:
        order = GenerationOrder.model_validate_json(record["body"])
    except ValidationError:
        log.error("an order that is none", extra={"message_id": record["messageId"]})
        return
    with correlated(order.correlation_id or faults.new_correlation_id()):
        try:
            await container().replies.write(order, remaining_ms=remaining_ms)
        except Exception:
            log.exception("a reply failed", extra={"generation_id": order.generation_id})
            if int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)) < DELIVERIES_MOST:
                raise
            await container().replies.fail(order)


def _countdown(seconds: float) -> Callable[[], float]:
    """Tells how many milliseconds are left, from now on."""
    ends_at = time.monotonic() + seconds
    return lambda: (ends_at - time.monotonic()) * 1000
