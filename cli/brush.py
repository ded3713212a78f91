"""The tools of cli/art.py: gradients, light, ridges, smooth shapes, strokes. Equal seeds give equal pictures."""

import math
import random
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
_SHARP = 2
"""Shapes are drawn this many times larger, then shrunk: Pillow draws no soft edges."""


def rgb(code: str) -> Colour:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def gradient(size: tuple[int, int], stops: Sequence[tuple[float, str]]) -> Image.Image:
    """Colours from top to bottom; each stop is a share of the height and a colour."""
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        at = y / (size[1] - 1)
        after = next((i for i, (place, _) in enumerate(stops) if place >= at), len(stops) - 1)
        before = max(0, after - 1)
        (low, one), (high, other) = stops[before], stops[after]
        share = 0.0 if high == low else (at - low) / (high - low)
        column.putpixel((0, y), mixed(rgb(one), rgb(other), min(1.0, max(0.0, share))))
    return column.resize(size)


def glow(canvas: Image.Image, centre: Point, radii: Point, colour: str, strength: float, power: float = 2.0) -> None:
    """Light that falls off from a centre, added to what is there."""
    width, height = round(radii[0] * 2), round(radii[1] * 2)
    mask = Image.radial_gradient("L").resize((width, height), Image.Resampling.BICUBIC)
    # Pillow's radial gradient reaches 255 at the corners; its circle ends at 255 / sqrt(2).
    mask = mask.point([round(255 * strength * max(0.0, 1 - v / 180) ** power) for v in range(256)])
    left, top = round(centre[0] - radii[0]), round(centre[1] - radii[1])
    place = Image.new("L", canvas.size)
    place.paste(mask, (left, top))
    light(canvas, colour, place)


def light(canvas: Image.Image, colour: str, mask: Image.Image) -> None:
    """Adds coloured light through a mask, as lamps do: screen, not paint."""
    lamp = Image.composite(Image.new("RGB", canvas.size, rgb(colour)), Image.new("RGB", canvas.size), mask)
    canvas.paste(ImageChops.screen(canvas, lamp))


def paint(canvas: Image.Image, colour: str | Image.Image, mask: Image.Image) -> None:
    """Covers what is there through a mask, with a colour or another picture."""
    cover = Image.new("RGB", canvas.size, rgb(colour)) if isinstance(colour, str) else colour
    canvas.paste(cover, (0, 0), mask)


def noise(size: tuple[int, int], dice: random.Random, cell: tuple[int, int]) -> Image.Image:
    """Clouds: random greys, `cell` dots wide and high each, smoothed."""
    small = (max(2, size[0] // cell[0]), max(2, size[1] // cell[1]))
    return Image.frombytes("L", small, dice.randbytes(small[0] * small[1])).resize(size, Image.Resampling.BICUBIC)


def clouds(size: tuple[int, int], dice: random.Random, cell: tuple[int, int]) -> Image.Image:
    """Noise of three scales, stretched to full contrast."""
    made = noise(size, dice, cell)
    for step, share in ((2, 0.4), (4, 0.25)):
        made = Image.blend(made, noise(size, dice, (max(1, cell[0] // step), max(1, cell[1] // step))), share)
    low, high = made.getextrema()
    return made.point([max(0, min(255, round((v - low) * 255 / max(1, high - low)))) for v in range(256)])  # type: ignore[operator]


def mist(
    canvas: Image.Image, dice: random.Random, colour: str, *, middle: float, spread: float, strength: float
) -> None:
    """A bank of fog across the picture at a height; `spread` in dots."""
    width, height = canvas.size
    band = Image.new("L", (1, height))
    for y in range(height):
        band.putpixel((0, y), round(255 * strength * math.exp(-(((y - middle) / spread) ** 2))))
    paint(canvas, colour, ImageChops.multiply(band.resize((width, height)), clouds(canvas.size, dice, (320, 40))))


def ridge(size: tuple[int, int], dice: random.Random, *, base: float, height: float, rough: float) -> list[Point]:
    """A mountain line from left to right, closed along the bottom."""
    points = [(-20.0, base), (size[0] + 20.0, base - height * dice.uniform(-0.2, 0.4))]
    swing = height
    while len(points) < 260:
        raised = []
        for (x1, y1), (x2, y2) in pairwise(points):
            raised += [(x1, y1), ((x1 + x2) / 2, (y1 + y2) / 2 + dice.uniform(-swing, swing * 0.55))]
        points, swing = [*raised, points[-1]], swing * rough
    return [*points, (size[0] + 20.0, size[1] + 20.0), (-20.0, size[1] + 20.0)]


def curve(points: Sequence[Point], closed: bool = True) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    count, made = len(points), list[Point]()
    for i in range(count if closed else count - 1):
        around = [points[(i + k) % count] if closed else points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2)]
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = around
        for step in range(12):
            t = step / 12
            a, b, c, d = -t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3
            made.append(((a * x0 + b * x1 + c * x2 + d * x3) / 2, (a * y0 + b * y1 + c * y2 + d * y3) / 2))
    return made if closed else [*made, points[-1]]


def shape(size: tuple[int, int], points: Sequence[Point], blur: float = 0) -> Image.Image:
    """A mask of a polygon with soft edges."""
    large = Image.new("L", (size[0] * _SHARP, size[1] * _SHARP))
    ImageDraw.Draw(large).polygon([(x * _SHARP, y * _SHARP) for x, y in points], fill=255)
    mask = large.resize(size, Image.Resampling.LANCZOS)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask


def oval(size: tuple[int, int], centre: Point, radii: Point, blur: float = 0) -> Image.Image:
    turn = [2 * math.pi * i / 90 for i in range(90)]
    return shape(size, [(centre[0] + radii[0] * math.cos(a), centre[1] + radii[1] * math.sin(a)) for a in turn], blur)


def line(size: tuple[int, int], points: Sequence[Point], width: float, blur: float = 0) -> Image.Image:
    """A mask of a line with round joints."""
    large = Image.new("L", (size[0] * _SHARP, size[1] * _SHARP))
    scaled = [(x * _SHARP, y * _SHARP) for x, y in points]
    ImageDraw.Draw(large).line(scaled, fill=255, width=max(1, round(width * _SHARP)), joint="curve")
    mask = large.resize(size, Image.Resampling.LANCZOS)
    return mask.filter(ImageFilter.GaussianBlur(blur)) if blur else mask


def rim(mask: Image.Image, towards: tuple[int, int], blur: float) -> Image.Image:
    """The edge of a shape on the side of the light; `towards` is how far it reaches in, as a shift."""
    inner = ImageChops.offset(mask, towards[0], towards[1])
    edge = ImageChops.subtract(mask, inner).filter(ImageFilter.GaussianBlur(blur))
    return ImageChops.multiply(edge, mask)


def strokes(canvas: Image.Image, dice: random.Random, *, count: int, length: float, width: int, turn: float) -> None:
    """Goes over the picture with short strokes of its own colours, which run with `turn` (degrees, ±25)."""
    source, large = canvas.filter(ImageFilter.GaussianBlur(width / 2)), canvas.copy()
    draw, dots = ImageDraw.Draw(large), source.load()
    assert dots is not None
    across, down = canvas.size
    for _ in range(count):
        x, y = dice.randrange(across), dice.randrange(down)
        red, green, blue = dots[x, y]  # type: ignore[misc]
        shift = dice.randint(-7, 7)
        angle = math.radians(turn + dice.gauss(0, 14))
        reach = length * dice.uniform(0.5, 1.1) / 2
        ends = [
            (x - math.cos(angle) * reach, y - math.sin(angle) * reach),
            (x + math.cos(angle) * reach, y + math.sin(angle) * reach),
        ]
        draw.line(
            ends, fill=(red + shift, green + shift, blue + shift), width=max(1, round(width * dice.uniform(0.5, 1.2)))
        )
    canvas.paste(Image.blend(canvas, large.filter(ImageFilter.GaussianBlur(0.6)), 0.75))


def finished(canvas: Image.Image, dice: random.Random, *, vignette: float, grain: float) -> Image.Image:
    """Paper grain and darker corners over the whole picture."""
    size = canvas.size
    fine = Image.frombytes("L", size, dice.randbytes(size[0] * size[1])).filter(ImageFilter.GaussianBlur(0.7))
    weave = Image.blend(fine, clouds(size, dice, (6, 6)), 0.45)
    paper = Image.merge("RGB", [weave] * 3)
    textured = Image.blend(canvas, ImageChops.soft_light(canvas, paper), grain)
    mask = Image.radial_gradient("L").resize(size, Image.Resampling.BICUBIC)
    mask = mask.point([round(255 * vignette * max(0.0, (v - 90) / 165) ** 1.6) for v in range(256)])
    paint(textured, "#060608", mask)
    return textured
