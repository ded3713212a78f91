"""Pictures of strangers: taken apart within bounds, encoded anew in two sizes, and given a colour of their own.

Nothing of the file that came reaches a browser: no metadata, no second frame, no script. SVG is never read.
The large size is JPEG, or WebP where something is transparent: WebP would be a tenth smaller, and take 14 to 40 ms of
the 20 that the import of a card may take. The small size, of which a page shows a hundred, is WebP.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock

from PIL import Image, ImageOps

from chalicelib.cards.bounds import check_size
from chalicelib.errors import Invalid, TooLarge
from chalicelib.services.media import Encoded

PICTURE_BYTES_MOST = 20_000_000
PIXELS_MOST = 40_000_000
"""Of the picture as it comes: unpacked it takes four bytes each."""
FULL_SIZE = (1024, 1536)
THUMB_SIZE = (320, 480)
READABLE = ("PNG", "JPEG", "WEBP", "GIF")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, MemoryError, IndexError, TypeError, KeyError, OverflowError)
_SVG_LOOK = 1_000
_LARGE_PIXELS = 6_000_000
_alone = Lock()
"""Several threads encode at once; of pictures that take a hundred megabytes it is one at a time."""

# We measure before anything is unpacked; Pillow's own limit would only warn.
Image.MAX_IMAGE_PIXELS = None


def encode(data: bytes) -> Encoded:
    """A picture of a stranger in our two sizes. Raises Invalid (`invalid_picture`) or TooLarge."""
    check_size(len(data), PICTURE_BYTES_MOST, "This picture")
    if b"<svg" in data[:_SVG_LOOK].lower():
        raise Invalid("SVG drawings are not taken, since they can hold programs. Use PNG, JPEG or WebP.", code="svg")
    with _told():
        image = Image.open(io.BytesIO(data), formats=READABLE)
        if image.width * image.height > PIXELS_MOST:
            raise TooLarge(
                f"This picture has {image.width}×{image.height} dots; at most 40 million can be read.",
                most=PIXELS_MOST,
            )
        image.draft("RGB", FULL_SIZE)
        with _alone if image.width * image.height > _LARGE_PIXELS else nullcontext():
            full = _reduced(image)
        has_alpha = full.mode == "RGBA"
        if has_alpha and full.getchannel("A").getextrema() == (255, 255):
            full = full.convert("RGB")
        thumb = _thumb(full)
        return Encoded(_full(full), _webp(thumb, 78), full.width, full.height, accent_of(thumb))


def _reduced(image: Image.Image) -> Image.Image:
    """The picture upright in the large size, with at most two of it in memory."""
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    mode = "RGBA" if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info else "RGB"
    full = image if image.mode == mode else image.convert(mode)
    full.thumbnail(FULL_SIZE, Image.Resampling.LANCZOS, reducing_gap=2.0)
    full.info.clear()  # comments and profiles would be written again
    return full


def to_png(data: bytes) -> bytes:
    """One of our own pictures as PNG."""
    return _png(Image.open(io.BytesIO(data), formats=("WEBP", "JPEG")))


def blank_png() -> bytes:
    """A portrait for who has none: a dark wall, lighter towards the floor."""
    return _png(ImageOps.colorize(Image.linear_gradient("L").resize((512, 768)), black="#171512", white="#3a2b22"))


def accent_of(image: Image.Image) -> str | None:
    """The colour that tells this picture from others, `#rrggbb`; None for a grey one.

    Of 32 representative colours the one that wins is vivid and not rare.
    """
    small = image.convert("RGB").resize((40, 60), Image.Resampling.BOX)
    few = small.quantize(32, Image.Quantize.MEDIANCUT)
    palette = few.getpalette() or []
    best, best_weight = None, 0.0
    for count, at in few.getcolors() or []:
        assert isinstance(at, int)  # a palette's colours are numbers
        red, green, blue = palette[3 * at : 3 * at + 3]
        vivid = max(red, green, blue) - min(red, green, blue)
        weight = vivid * (count / 2400) ** 0.3
        if vivid > 24 and weight > best_weight:
            best, best_weight = f"#{red:02x}{green:02x}{blue:02x}", weight
    return best


def _thumb(image: Image.Image) -> Image.Image:
    """2:3, cut around the upper middle, where faces are; a small picture is not blown up."""
    width, height = THUMB_SIZE
    scale = min(1.0, image.width / width, image.height / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return ImageOps.fit(image, size, Image.Resampling.BICUBIC, centering=(0.5, 0.2))


def _png(image: Image.Image) -> bytes:
    made = io.BytesIO()
    image.save(made, "PNG", compress_level=4)
    return made.getvalue()


def _full(image: Image.Image) -> bytes:
    if image.mode == "RGBA":
        return _webp(image, 86)
    made = io.BytesIO()
    image.save(made, "JPEG", quality=90, subsampling="4:4:4")
    return made.getvalue()


def _webp(image: Image.Image, quality: int) -> bytes:
    made = io.BytesIO()
    image.save(made, "WEBP", quality=quality, method=0)
    return made.getvalue()


@contextmanager
def _told() -> Iterator[None]:
    """Whatever Pillow trips over is told as one thing: the picture cannot be read."""
    try:
        yield
    except _UNREADABLE as error:
        raise Invalid("This picture cannot be read. Use PNG, JPEG, WebP or GIF.", code="invalid_picture") from error
