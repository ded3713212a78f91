"""The log of a process: JSON lines by powertools, made at the first line because importing it takes 50 ms."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

SERVICE = "tavern"


@cache
def journal() -> "Logger":
    """The logger of all doors. Pass what a line is about as keywords of `extra`, never as keys of the logger.

    Keys of the logger are shared by all threads. Nothing of a chat, a card, a key or a token belongs here.
    """
    from aws_lambda_powertools import Logger

    return Logger(service=SERVICE, level="INFO", use_rfc3339=True, utc=True, log_uncaught_exceptions=False)
