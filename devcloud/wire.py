"""uvicorn's WebSocket protocol with API Gateway's frames: none above 32 KB comes in, and none goes out."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame


def protocol_with(frame_bytes: int) -> type[WebSocketsSansIOProtocol]:
    """The protocol class for uvicorn; whole messages are limited by its `ws_max_size`."""

    class FrameLimits(_FrameLimits):
        most_bytes = frame_bytes

    return FrameLimits


class _FrameLimits(WebSocketsSansIOProtocol):
    most_bytes: int

    def handle_text(self, event: Frame) -> None:
        if self._fits(event):
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if self._fits(event):
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if self._fits(event):
            super().handle_cont(event)

    async def run_asgi(self) -> None:
        self.scope["state"]["abort"] = self.transport.abort
        await super().run_asgi()

    async def send(self, message: Any) -> None:
        text = message.get("text") if message["type"] == "websocket.send" else None
        data = text.encode() if text is not None else b""
        if len(data) <= self.most_bytes or self.close_sent:
            await super().send(message)
            if message["type"] == "websocket.http.response.body":
                # A refusal is complete too; uvicorn would log an error for each.
                self.handshake_complete = True
            return
        await self.writable.wait()
        pieces = [data[at : at + self.most_bytes] for at in range(0, len(data), self.most_bytes)]
        if self.disconnected or self.transport.is_closing():
            raise OSError("The connection is closed.")
        self.conn.send_text(pieces[0], fin=False)
        for piece in pieces[1:-1]:
            self.conn.send_continuation(piece, fin=False)
        self.conn.send_continuation(pieces[-1], fin=True)
        self.transport.write(b"".join(self.conn.data_to_send()))

    def _fits(self, event: Frame) -> bool:
        if self.close_sent or len(event.data) <= self.most_bytes:
            return True
        self.conn.send_close(1009)
        self.handle_parser_exception()
        return False
