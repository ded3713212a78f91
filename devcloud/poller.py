"""A queue's poller, as AWS runs one for a function: records in the shape of its event, many at once in one loop."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from devcloud.signature import REGION, Signatures

log = logging.getLogger("devcloud.poller")

Process = Callable[[list[dict[str, Any]]], Awaitable[list[str]]]
"""Works on records and returns the message ids of those that failed."""

_BATCH = 10
_WAIT_SECONDS = 20
_PAUSE_SECONDS = 0.5


@dataclass
class Poller:
    url: str
    process: Process
    signatures: Signatures
    at_once: int = 200
    """Records worked on at the same time."""

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.at_once)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Polls until it is cancelled, and then waits for nobody: unfinished messages come again."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_WAIT_SECONDS + 10)) as session:
            self._session = session
            try:
                while True:
                    await self._receive_some()
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _receive_some(self) -> None:
        await self._places.acquire()
        taken = 1
        try:
            while taken < _BATCH and not self._places.locked():
                await self._places.acquire()
                taken += 1
            answer = await self._ask(
                "ReceiveMessage",
                MaxNumberOfMessages=taken,
                WaitTimeSeconds=_WAIT_SECONDS,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
            )
            for message in answer.get("Messages", []):
                taken -= 1
                task = asyncio.create_task(self._work(message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except (aiohttp.ClientError, TimeoutError) as problem:
            log.debug("The queue does not answer: %s", problem)
            await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            for _ in range(taken):
                self._places.release()

    async def _work(self, message: dict[str, Any]) -> None:
        """One record: deleted when its work is done, left to come again when it failed."""
        try:
            failed = await self.process([self._record(message)])
        except Exception:
            log.exception("Message %s failed.", message["MessageId"])
            failed = [message["MessageId"]]
        finally:
            self._places.release()
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            if failed:
                # At once, and not after the function's time limit: it is this attempt that has ended.
                await self._ask("ChangeMessageVisibility", ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=1)
            else:
                await self._ask("DeleteMessage", ReceiptHandle=message["ReceiptHandle"])

    def _record(self, message: dict[str, Any]) -> dict[str, Any]:
        account, name = urlsplit(self.url).path.strip("/").split("/")
        return {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message.get("Attributes", {}),
            "messageAttributes": _attributes(message.get("MessageAttributes", {})),
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:{account}:{name}",
            "awsRegion": REGION,
        }

    async def _ask(self, action: str, **arguments: Any) -> dict[str, Any]:
        address = urlsplit(self.url)
        body = json.dumps({"QueueUrl": self.url, **arguments}).encode()
        headers = {
            "host": address.netloc,
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": f"AmazonSQS.{action}",
        }
        signed = self.signatures.sign("POST", "/", headers, body, service="sqs", now=datetime.now(UTC))
        async with self._session.post(f"http://{address.netloc}/", data=body, headers=signed) as reply:
            answer: dict[str, Any] = await reply.json(content_type=None)
            if reply.status != 200:
                raise aiohttp.ClientResponseError(
                    reply.request_info, reply.history, status=reply.status, message=str(answer.get("message"))
                )
            return answer


def _attributes(given: dict[str, Any]) -> dict[str, Any]:
    """As an event spells them: the first letter is small."""
    return {
        name: {key[0].lower() + key[1:]: value for key, value in attribute.items()} for name, attribute in given.items()
    }
