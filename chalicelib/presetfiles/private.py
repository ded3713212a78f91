"""What a file must never set: where a connection leads, through what, with which key.

A stranger's preset with an address of its own would send people's keys there. So such fields are dropped when a file
comes in, refused when it is edited, and dropped again when it goes out.
"""

import re
from itertools import pairwise
from typing import Any

from chalicelib.presetfiles.fields import JsonObject

_NAMED = frozenset(
    {
        "custom_include_body",
        "custom_exclude_body",
        "vertexai_region",
        "vertexai_express_project_id",
        "azure_deployment_name",
        "workers_ai_account_id",
    }
)
"""Those whose names do not say it."""
_WORDS = frozenset(
    {
        "url",
        "urls",
        "uri",
        "proxy",
        "proxies",
        "password",
        "passwords",
        "passphrase",
        "secret",
        "secrets",
        "apikey",
        "apikeys",
        "header",
        "headers",
        "endpoint",
        "host",
        "hostname",
        "server",
        "servers",
        "address",
        "authorization",
        "bearer",
        "cookie",
        "cookies",
        "credential",
        "credentials",
    }
)
_PAIRS = (("api", "key"), ("api", "keys"), ("access", "token"), ("auth", "token"), ("api", "token"))
_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def is_private(field: str) -> bool:
    """Whether a field of a file would set an address, a proxy, a header or a key of a connection."""
    if field.lower() in _NAMED:
        return True
    words = [word.lower() for word in _PARTS.findall(field[:200])]
    return not _WORDS.isdisjoint(words) or any(pair in _PAIRS for pair in pairwise(words))


def without_private(given: JsonObject) -> tuple[dict[str, Any], list[str]]:
    """The file without such fields, and the names of those that said something."""
    kept = {field: value for field, value in given.items() if not is_private(field)}
    dropped = [field for field, value in given.items() if field not in kept and value not in (None, "", [], {}, False)]
    return kept, dropped
