"""The log of a process: JSON lines by powertools, made at the first line because importing it takes 50 ms.

docs/operations.md says what the lines are and how one reply is followed through them.
"""

import logging
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.clients.correlation import correlation_id

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

SERVICE = "tavern"


@cache
def journal() -> "Logger":
    """The logger of all doors; services log to `tavern.<room>`, whose lines come out here too.

    Pass what a line is about as keywords of `extra`, never as keys of the logger: those are shared by all threads.
    Nothing of a chat, a card, a key or a token belongs here.
    """
    from aws_lambda_powertools import Logger

    made = Logger(service=SERVICE, level="INFO", use_rfc3339=True, utc=True, log_uncaught_exceptions=False)
    for handler in logging.getLogger(SERVICE).handlers:
        handler.addFilter(_with_correlation)
    return made


def _with_correlation(line: logging.LogRecord) -> bool:
    if not hasattr(line, "correlation_id"):
        line.correlation_id = correlation_id()
    return True
