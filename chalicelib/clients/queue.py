"""The two queues: orders for replies, and orders for long jobs."""

import logging
from functools import cached_property
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.models.jobs import GenerationOrder, IndexOrder, JobOrder

INDEX_DELAY_SECONDS = 2
"""A moment, so that what is written at the same time is found by the same work."""

log = logging.getLogger("tavern.queue")


class Queue:
    """Sends orders. What they order stands in DynamoDB already, so an order that is lost is sent again by the sweep."""

    def __init__(self, *, make_sqs: Any, generation_queue_url: str, job_queue_url: str) -> None:
        """`make_sqs` makes a boto3 SQS client; it is called at the first order."""
        self._make_sqs = make_sqs
        self._generations = generation_queue_url
        self._jobs = job_queue_url

    def send_generation(self, order: GenerationOrder, *, delay_seconds: int = 0) -> None:
        """`delay_seconds` is how long nobody gets it, at most 900."""
        later = {"DelaySeconds": delay_seconds} if delay_seconds else {}
        self._sqs.send_message(QueueUrl=self._generations, MessageBody=order.model_dump_json(), **later)

    def send_job(self, order: JobOrder) -> None:
        self._sqs.send_message(QueueUrl=self._jobs, MessageBody=order.model_dump_json())

    def send_index(self, order: IndexOrder, *, delay_seconds: int = INDEX_DELAY_SECONDS) -> None:
        """Quiet when the queue does not answer: what was written stands, and the next order takes it in too."""
        try:
            self._sqs.send_message(QueueUrl=self._jobs, MessageBody=order.model_dump_json(), DelaySeconds=delay_seconds)
        except (BotoCoreError, ClientError) as error:
            log.warning("an order for the index was lost", extra={"reason": type(error).__name__})

    @cached_property
    def _sqs(self) -> Any:
        return self._make_sqs()
