"""The two queues: orders for replies, and orders for long jobs."""

from functools import cached_property
from typing import Any

from chalicelib.models.jobs import GenerationOrder, JobOrder


class Queue:
    """Sends orders. What they order stands in DynamoDB already, so an order that is lost is sent again by the sweep."""

    def __init__(self, *, make_sqs: Any, generation_queue_url: str, job_queue_url: str) -> None:
        """`make_sqs` makes a boto3 SQS client; it is called at the first order."""
        self._make_sqs = make_sqs
        self._generations = generation_queue_url
        self._jobs = job_queue_url

    def send_generation(self, order: GenerationOrder) -> None:
        self._sqs.send_message(QueueUrl=self._generations, MessageBody=order.model_dump_json())

    def send_job(self, order: JobOrder) -> None:
        self._sqs.send_message(QueueUrl=self._jobs, MessageBody=order.model_dump_json())

    @cached_property
    def _sqs(self) -> Any:
        return self._make_sqs()
