"""The other side of `@connections`: keeps what was posted to each socket, and says 410 for those that are gone."""

import asyncio
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from tests.support.threads import served

Frame = dict[str, Any]


class PostOffice:
    def __init__(self) -> None:
        self.address = ""
        self.frames: dict[str, list[Frame]] = defaultdict(list)
        self.bodies: dict[str, list[bytes]] = defaultdict(list)
        self.arrived: dict[str, list[float]] = defaultdict(list)
        self.gone: set[str] = set()
        self.closed: list[str] = []
        self.refuse_next = 0
        self.delay_seconds = 0.0
        self.at_once_most: dict[str, int] = defaultdict(int)
        self._at_once: dict[str, int] = defaultdict(int)
        self._changed = threading.Condition()

    def of_type(self, socket_id: str, kind: str) -> list[Frame]:
        return [frame for frame in self.frames[socket_id] if frame["type"] == kind]

    def wait_for(self, socket_id: str, kind: str, *, seconds: float = 10.0) -> Frame:
        """The first frame of a type, waited for."""
        return self.wait_until(lambda: self.of_type(socket_id, kind), seconds=seconds)[0]

    def wait_until(self, look: Callable[[], Any], *, seconds: float = 10.0) -> Any:
        """What `look` returns once it is true."""
        ends = time.monotonic() + seconds
        with self._changed:
            while not (seen := look()):
                left = ends - time.monotonic()
                assert left > 0, f"nothing came; frames so far: {dict(self.frames)}"
                self._changed.wait(min(left, 0.05))
        return seen

    def text(self, socket_id: str, generation_id: str) -> str:
        """What a reader has who takes pieces in order, drops what they have, and trusts snapshots."""
        return read(self.frames[socket_id], generation_id)

    async def _take(self, request: web.Request) -> web.Response:
        socket_id = request.match_info["socket_id"]
        if not request.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256"):
            return web.Response(status=403)
        if request.method == "DELETE":
            self.closed.append(socket_id)
            return web.Response(status=204)
        body = await request.read()
        self._at_once[socket_id] += 1
        self.at_once_most[socket_id] = max(self.at_once_most[socket_id], self._at_once[socket_id])
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        self._at_once[socket_id] -= 1
        if socket_id in self.gone:
            return web.Response(status=410)
        if self.refuse_next:
            self.refuse_next -= 1
            return web.Response(status=429)
        with self._changed:
            self.frames[socket_id].append(json.loads(body))
            self.bodies[socket_id].append(body)
            self.arrived[socket_id].append(time.monotonic())
            self._changed.notify_all()
        return web.Response()


def read(frames: list[Frame], generation_id: str) -> str:
    """The text of a reply as a reader puts it together from frames in any order."""
    epoch, upto, text = -1, 0, ""
    handles: dict[str, int] = {}
    pieces: dict[int, Frame] = {}
    for frame in frames:
        if frame["type"] in ("start", "snapshot") and frame["generation_id"] == generation_id:
            if frame["epoch"] > epoch:
                epoch, upto, text, pieces = frame["epoch"], 0, "", {}
            handles[frame["g"]] = frame["epoch"]
            if frame["type"] == "snapshot" and frame["upto"] >= upto:
                text = frame["text"] if frame["part"] == 1 else text + frame["text"]
                upto = frame["upto"]
        if frame["type"] == "d" and handles.get(frame["g"]) == epoch:
            pieces[frame["n"][0]] = frame
        while upto + 1 in pieces:
            piece = pieces.pop(upto + 1)
            text, upto = text + piece.get("x", ""), piece["n"][1]
    return text


@contextmanager
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    app = web.Application()
    app.router.add_route("*", "/socket/@connections/{socket_id}", office._take)
    with served(app) as address:
        office.address = f"{address}/socket"
        yield office
