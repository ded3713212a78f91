"""The job queue's door: each record of it is an order for `services.jobs`, or for the search index.

A record that failed is told to the queue, which delivers it again; the job's row knows how often that may happen.
"""

import asyncio
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from chalicelib.container import container
from chalicelib.entrypoints.journal import journal
from chalicelib.errors import Unavailable
from chalicelib.models.jobs import IndexOrder, QueuedOrder


def work(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda's door. The answer names the messages that failed."""
    processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
    answer: dict[str, Any] = dict(
        process_partial_response(
            event=event,
            record_handler=lambda record: _obey(record.message_id, record.body),
            processor=processor,
            context=context,
        )
    )
    return answer


async def process(records: list[dict[str, Any]]) -> list[str]:
    """The local poller's door: many at once; the ids of the messages that failed."""
    outcomes = await asyncio.gather(
        *(asyncio.to_thread(_obey, record["messageId"], record["body"]) for record in records), return_exceptions=True
    )
    return [
        record["messageId"] for record, outcome in zip(records, outcomes, strict=True) if isinstance(outcome, Exception)
    ]


def _obey(message_id: str, body: str) -> None:
    """Raises what made the job fail, when it is to be delivered again."""
    order, jobs = QueuedOrder.validate_json(body), container().jobs
    if isinstance(order, IndexOrder):
        container().indexing.run(order)
        return
    try:
        jobs.run(order)
    except Unavailable:
        jobs.break_off(order)
        raise
    except Exception:
        # The last line of defence: whatever it was, the person is told in the end, and we read it here.
        journal().exception("a job broke off", extra={"job_id": order.job_id, "message_id": message_id})
        jobs.break_off(order)
        raise
