"""Commands that share round trips: what is asked for while one batch is under way goes together in the next.

A worker appends to hundreds of logs a second. By itself each command costs ten system calls and wake-ups; together they
cost one, and while little is going on nobody waits for company.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from chalicelib.stores.redis import DOES_NOT_ANSWER

COMMANDS_MOST = 200
"""In one batch."""


class Line:
    """One client's gathered commands, on one event loop."""

    def __init__(self, client: Any, *, timeout_seconds: float) -> None:
        """`client` is of redis.asyncio, of one server or of a cluster; a batch that takes longer has failed."""
        self._client, self._timeout = client, timeout_seconds
        self._waiting: list[tuple[tuple[Any, ...], asyncio.Future[Any]]] = []
        self._sending: asyncio.Task[None] | None = None

    async def ask(self, *command: Any) -> Any:
        """A command's answer. Raises what stands in DOES_NOT_ANSWER."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        return await answer

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:COMMANDS_MOST], self._waiting[COMMANDS_MOST:]
            answers: list[Any] = [ConnectionError("The batch came to nothing.")] * len(batch)
            try:
                answers = await self._answers([command for command, _ in batch])
            finally:
                # Also when something unforeseen is raised: nobody waits for ever.
                for (_, future), answer in zip(batch, answers, strict=True):
                    _tell(future, answer)

    async def _answers(self, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """An answer or an error for each."""
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        try:
            answers: list[Any] = await asyncio.wait_for(pipeline.execute(raise_on_error=False), self._timeout)
        except DOES_NOT_ANSWER as error:
            return [error] * len(commands)
        return answers


def _tell(future: "asyncio.Future[Any]", answer: Any) -> None:
    if future.done():
        # Whoever asked was cancelled meanwhile.
        return
    if isinstance(answer, BaseException):
        future.set_exception(answer)
    else:
        future.set_result(answer)
