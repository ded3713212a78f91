"""Draws the portraits of the two characters that come with the product: `python -m cli.art`.

Everything is drawn here, out of gradients, light, ridges, curves and strokes; nothing is taken from anywhere.
"""

import io
import json
import random
from pathlib import Path

from PIL import Image

from chalicelib.services.pictures import encode
from cli import ottoline, wen

FOLDER = Path(__file__).parent.parent / "chalicelib" / "welcome"
BYTES_MOST = 160_000
"""Of a large portrait: they travel in the deployed package."""
PAINTERS = {"wen": wen.draw, "ottoline": ottoline.draw}


def main() -> None:
    facts = {}
    for name, draw in PAINTERS.items():
        picture = draw(random.Random(f"{name} by lamplight"))
        facts[name] = keep(picture, name)
    (FOLDER / "art.json").write_text(json.dumps(facts, indent=2) + "\n")


def keep(picture: Image.Image, name: str) -> dict[str, int | str | None]:
    """Writes a portrait in its two sizes; its facts."""
    made = io.BytesIO()
    picture.save(made, "PNG")
    encoded = encode(made.getvalue())
    (FOLDER / f"{name}.jpg").write_bytes(slim(picture))
    (FOLDER / f"{name}.thumb.webp").write_bytes(encoded.thumb)
    return {"width": encoded.width, "height": encoded.height, "accent": encoded.accent}


def slim(picture: Image.Image) -> bytes:
    """A portrait as JPEG, as good as `BYTES_MOST` allows."""
    for quality in range(84, 60, -1):
        made = io.BytesIO()
        picture.save(made, "JPEG", quality=quality, subsampling="4:2:0", progressive=True, optimize=True)
        if made.tell() <= BYTES_MOST:
            return made.getvalue()
    raise ValueError("This portrait is too rich for its size.")


if __name__ == "__main__":
    main()
