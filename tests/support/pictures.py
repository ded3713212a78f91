"""Pictures for tests, drawn on the spot."""

import io

from PIL import Image


def picture(colour: str = "teal", size: tuple[int, int] = (64, 96), kind: str = "PNG") -> bytes:
    """A plain picture."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind)
    return made.getvalue()
