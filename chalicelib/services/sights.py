"""Pictures for models that see: which a message shows, and the files themselves once a prompt names them.

What models get is our own encoding of a picture, never the file that came: no metadata, and of a bounded size.
"""

import base64
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.errors import AppError, NotFound
from chalicelib.models.chats import Message
from chalicelib.models.prompt import Prompt, PromptMessage, PromptPicture
from chalicelib.moving.gallery import USER, gallery_id, places_of, shown_in

if TYPE_CHECKING:
    from chalicelib.models.media import StoredPicture
    from chalicelib.services.media import Media
    from chalicelib.stores.files import Files
    from chalicelib.stores.keepsakes import KeepsakeStore

_INLINE = "data:image/"
_REMEMBERED_BYTES = 24_000_000
_AT_ONCE = 6


class Sights:
    def __init__(self, *, keepsake_store: "KeepsakeStore", media: "Media", files: "Files") -> None:
        self._keepsakes, self._media, self._files = keepsake_store, media, files
        self._lately = _Lately()

    def of(self, owner_id: str) -> Callable[[Message], Sequence[PromptPicture]]:
        """What tells the pictures of a message. Messages without any cost nothing."""

        def look(message: Message) -> Sequence[PromptPicture]:
            addresses = shown_in(message.extra)
            return list(self._found(owner_id, addresses)) if addresses else ()

        return look

    def fetched(self, prompt: Prompt) -> Prompt:
        """The prompt with its pictures' files. A file that is gone leaves its message without the picture."""
        wanted = {one.key for message in prompt.messages for one in message.pictures if one.key}
        if not any(message.pictures for message in prompt.messages):
            return prompt
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            files = dict(zip(wanted, pool.map(self._file, wanted), strict=True))
        messages = [_with_files(message, files) for message in prompt.messages]
        return prompt.model_copy(update={"messages": [one for one in messages if one.content or one.pictures]})

    def _found(self, owner_id: str, addresses: Sequence[str]) -> Iterator[PromptPicture]:
        wanted = [[gallery_id(place) for place in places_of(one)] for one in addresses]
        ids = [one for each in wanted for one in each]
        there = self._keepsakes.find_all(owner_id, USER, ids) if ids else {}
        for address, each in zip(addresses, wanted, strict=True):
            if address.startswith(_INLINE):
                if (picture := self._inline(address)) is not None:
                    yield picture
                continue
            stored = next((there[one].picture for one in each if one in there), None)
            if stored is not None:
                yield _picture(address, stored)

    def _inline(self, address: str) -> PromptPicture | None:
        """A picture whose file is its address."""
        place = f"{address[:30]}…{hashlib.sha256(address.encode()).hexdigest()[:24]}"
        known = self._lately.get(place)
        if known is not None:
            return known
        try:
            encoded = self._media.encode(base64.b64decode(address.partition(",")[2]))
        except (AppError, ValueError):
            return None
        found = PromptPicture(
            place=place,
            media_type=f"image/{encoded.full_kind}",
            width=encoded.width,
            height=encoded.height,
            bytes=len(encoded.full),
            data=base64.b64encode(encoded.full).decode(),
        )
        self._lately.put(place, found)
        return found

    def _file(self, key: str) -> str:
        """A file in Base64; "" for one that is gone."""
        known = self._lately.get(key)
        if known is not None:
            return known.data
        try:
            data = base64.b64encode(self._files.get(key)).decode()
        except NotFound:
            return ""
        self._lately.put(key, PromptPicture(place=key, media_type="", width=0, height=0, bytes=0, data=data))
        return data


def _picture(address: str, stored: "StoredPicture") -> PromptPicture:
    return PromptPicture(
        place=address,
        media_type=f"image/{stored.full_key.rpartition('.')[2]}",
        width=stored.width,
        height=stored.height,
        bytes=stored.bytes,
        key=stored.full_key,
    )


def _with_files(message: PromptMessage, files: dict[str, str]) -> PromptMessage:
    if not message.pictures:
        return message
    filled = [one.model_copy(update={"data": one.data or files.get(one.key, "")}) for one in message.pictures]
    return message.model_copy(update={"pictures": [one for one in filled if one.data]})


class _Lately:
    """Files that were needed lately: a chat's pictures go along with each of its replies."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, PromptPicture] = OrderedDict()
        self._bytes, self._lock = 0, Lock()

    def get(self, name: str) -> PromptPicture | None:
        with self._lock:
            found = self._held.get(name)
            if found is not None:
                self._held.move_to_end(name)
            return found

    def put(self, name: str, picture: PromptPicture) -> None:
        with self._lock:
            if name in self._held:
                return
            self._held[name] = picture
            self._bytes += len(picture.data)
            while self._bytes > _REMEMBERED_BYTES:
                self._bytes -= len(self._held.popitem(last=False)[1].data)
