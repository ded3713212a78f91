"""Builds a process's parts before its first request needs them: on a laptop nobody pays for the time before that.

It also takes the race out of it: many threads would otherwise build the same part at the same time.
"""

import gc
import importlib
import logging
import pkgutil
import threading
from functools import cached_property
from typing import Any

log = logging.getLogger("devcloud.warm")


def warm_up_in_background() -> None:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()


def _warm_up() -> None:
    import chalicelib
    from chalicelib.container import container
    from chalicelib.prompting.tokens import counter
    from chalicelib.stores.tables import transaction_connection

    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        importlib.import_module(module.name)
    for part in _build_all(container()):
        _build_all(part)
    # Making the client is what takes time.
    _ = transaction_connection().client
    # Loads the table of the tokens that most models know.
    counter("o200k_base")("warm")
    # All this stays: looking through it again and again for garbage would be in vain.
    gc.collect()
    gc.freeze()
    log.info("Warm.")


def _build_all(owner: object) -> list[Any]:
    """What the cached properties of an object hold. Those that a deployment lacks stay for who asks for them."""
    built = []
    for name in dir(type(owner)):
        if not isinstance(getattr(type(owner), name, None), cached_property):
            continue
        try:
            built.append(getattr(owner, name))
        except Exception:
            log.debug("%s is not there.", name, exc_info=True)
    return built
