"""Sockets: somebody connects with a ticket, sends small control frames, and goes. Answers are posted."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from chalicelib.clients.correlation import correlated
from chalicelib.clients.loop import run
from chalicelib.container import container
from chalicelib.entrypoints import faults
from chalicelib.entrypoints.journal import journal
from chalicelib.entrypoints.meters import write_metrics
from chalicelib.errors import AppError, Invalid, NotFound, QuotaExceeded
from chalicelib.models.frames import Follow, Hello, Ping, Pong, Resume, Stop, Unfollow, UpFrame, Welcome
from chalicelib.stores.sockets import Socket
from chalicelib.stores.threads import in_thread

_FRAMES: TypeAdapter[UpFrame] = TypeAdapter(UpFrame)
_OK = {"statusCode": 200}


def connect(event: dict[str, Any]) -> dict[str, Any]:
    """Lets a socket in whose `ticket` is good. Any answer but 2xx refuses it."""
    ticket = (event.get("queryStringParameters") or {}).get("ticket") or ""
    try:
        user_id, _, session_id = container().tickets.redeem(ticket)
        container().frame_limits.check_room(user_id)
        container().sockets.add(Socket(_socket_id(event), user_id, session_id, frozenset()))
    except Exception as error:  # noqa: BLE001  the last line of defence: every error becomes a status
        answer = faults.to_response(error, correlation_id=_request_id(event))
        return {"statusCode": answer.status, "body": answer.body}
    return _OK


def message(event: dict[str, Any]) -> dict[str, Any]:
    """Obeys one frame. What it cannot obey is answered by an `error` frame that names the frame's type."""
    journal()
    known_as = _request_id(event)
    with correlated(known_as):
        run(_obey(_socket_id(event), event.get("body") or "", known_as))
    write_metrics("socket")
    return _OK


def disconnect(event: dict[str, Any]) -> dict[str, Any]:
    """Forgets the socket. Best effort: a lost one is forgotten at the first post that finds it gone."""
    try:
        container().sockets.delete(_socket_id(event))
    except Exception as error:  # noqa: BLE001  the last line of defence; nobody listens any more
        faults.to_response(error, correlation_id=_request_id(event))
    return _OK


async def _obey(socket_id: str, body: str, correlation_id: str) -> None:
    about, limits = None, container().frame_limits
    try:
        limits.check_socket(socket_id)
        frame = _read(body)
        about = frame.type
        answer = await _dispatch(socket_id, frame)
    except Exception as error:  # noqa: BLE001  the last line of defence: every error becomes a frame
        if isinstance(error, QuotaExceeded) and not await limits.heeds(socket_id):
            return
        told = faults.to_frame(error, about=about, correlation_id=correlation_id)
        answer = told.model_dump_json(exclude_none=True).encode()
    if answer is not None:
        await container().listening.post(socket_id, answer)


def _read(body: str) -> UpFrame:
    try:
        return _FRAMES.validate_json(body)
    except ValidationError:
        raise Invalid("This frame is not one of the contract. See docs/socket.md.") from None


async def _dispatch(socket_id: str, frame: UpFrame) -> bytes | None:
    """The frame that answers at once, or None where answers are posted along the way."""
    if isinstance(frame, Ping):
        return Pong().model_dump_json().encode()
    if isinstance(frame, Hello):
        return Welcome(socket_id=socket_id).model_dump_json().encode()
    socket = await in_thread(container().sockets.find, socket_id)
    if socket is None:
        raise NotFound("This connection is not known any more. Open a new one.", code="socket_unknown")
    await container().frame_limits.check_person(socket.owner_id)
    listening = container().listening
    match frame:
        case Follow():
            await listening.follow(socket, frame.chat_id)
        case Unfollow():
            await listening.unfollow(socket, frame.chat_id)
        case Resume():
            await listening.resume(socket, frame.generation_id, frame.epoch, frame.after)
        case Stop():
            await listening.stop(socket, frame.turn_id)
        case _:
            raise AppError("This frame is not known here.")
    return None


def _socket_id(event: dict[str, Any]) -> str:
    return str(event["requestContext"]["connectionId"])


def _request_id(event: dict[str, Any]) -> str:
    return str(event["requestContext"].get("requestId") or faults.new_correlation_id())
