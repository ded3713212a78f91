"""Pictures beside the words of a message: which are shown to a model that sees, and what they cost.

They cost what SillyTavern counts: as OpenAI's documents said of its first models with eyes.
"""

import math

from chalicelib.models.chats import Message
from chalicelib.models.prompt import LeftOut, PictureDetail, PromptPicture
from chalicelib.models.scenes import Scene

GLANCE_TOKENS = 85
TILE_TOKENS = 170
_TILE = 512
_LONGEST, _SHORTEST = 2048, 768
BYTES_MOST = 2_700_000
"""Of all pictures of a prompt: in Base64 they leave room for a request that can be kept, shown and repeated."""
MOST = 50


def picture_tokens(width: int, height: int, detail: PictureDetail) -> int:
    """What a picture costs: a glance, and as many tiles as are needed to look at it closely."""
    glance = detail == "low" or (detail == "auto" and width <= _TILE and height <= _TILE)
    if glance or width <= 0 or height <= 0:
        return GLANCE_TOKENS
    if max(width, height) > _LONGEST:
        scale = _LONGEST / max(width, height)
        width, height = round(width * scale), round(height * scale)
    scale = _SHORTEST / min(width, height)
    across, down = (math.ceil(round(side * scale) / _TILE) for side in (width, height))
    return GLANCE_TOKENS + TILE_TOKENS * across * down


class Gallery:
    """The pictures of one prompt. The newest messages are asked first, and take what room there is."""

    def __init__(self, scene: Scene) -> None:
        self._look = scene.look if scene.preset.pictures else None
        self._detail = scene.preset.picture_detail
        self._bytes, self._number = BYTES_MOST, MOST
        self.left_out: list[LeftOut] = []

    def of(self, message: Message, at: int) -> list[PromptPicture]:
        """Those of a message, which stand after its `at` letters."""
        if self._look is None:
            return []
        found = []
        for picture in self._look(message):
            tokens = picture_tokens(picture.width, picture.height, self._detail)
            if picture.bytes > self._bytes or not self._number:
                left_out = LeftOut(source=f"picture:{message.id}", title=picture.place, tokens=tokens, reason="bytes")
                self.left_out.append(left_out)
                # Nobody looks for older ones.
                self._look = None
                break
            self._bytes -= picture.bytes
            self._number -= 1
            found.append(picture.model_copy(update={"at": at, "detail": self._detail, "tokens": tokens}))
        return found
