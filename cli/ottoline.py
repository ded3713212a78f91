"""Ottoline Vesper in her attic: a lamp, maps, a round window full of snow. Drawn by `python -m cli.art`."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cli.brush import (
    Point,
    clouds,
    curve,
    finished,
    glow,
    gradient,
    light,
    line,
    oval,
    paint,
    ridge,
    rim,
    shape,
    strokes,
)
from cli.ottoline_herself import SIZE, draw_arm, draw_woman
from cli.ottoline_table import LAMP, draw_jackdaw, draw_lamp, draw_table

WINDOW, WINDOW_RADIUS = (300.0, 385.0), 235.0


def draw(dice: random.Random) -> Image.Image:
    canvas = gradient(SIZE, [(0.0, "#17130f"), (0.35, "#2b221a"), (0.62, "#3d2c1e"), (1.0, "#1c130d")])
    _beams(canvas, dice)
    strokes(canvas, dice, count=6000, length=60, width=10, turn=82)
    _window(canvas, dice)
    _shelf(canvas, dice)
    glow(canvas, LAMP, (1000, 900), "#b4672a", 0.62, 1.6)
    _hanging_maps(canvas, dice)
    strokes(canvas, dice, count=26000, length=11, width=3, turn=70)
    _snow(canvas, dice)
    _bars(canvas)
    glow(canvas, LAMP, (420, 420), "#ffb054", 0.55, 2.0)
    draw_woman(canvas, dice)
    draw_table(canvas, dice)
    draw_arm(canvas)
    draw_jackdaw(canvas)
    draw_lamp(canvas)
    _dust(canvas, dice)
    return finished(canvas, dice, vignette=0.8, grain=0.35)


def _beams(canvas: Image.Image, dice: random.Random) -> None:
    for x, tilt in ((40, 120), (560, 60), (900, -40)):
        beam = shape(SIZE, [(x, -10), (x + 58, -10), (x + 58 + tilt, 1100), (x + tilt, 1100)], 2)
        paint(canvas, "#120d09", beam.point([round(v * 0.55) for v in range(256)]))
    grain = clouds(SIZE, dice, (14, 220)).point([round(max(0, v - 120) * 0.35) for v in range(256)])
    paint(canvas, "#0d0906", grain)


def _window(canvas: Image.Image, dice: random.Random) -> None:
    """Dusk, mountains, a town under snow: everything outside is blue."""
    glow(canvas, WINDOW, (470, 470), "#33587c", 0.55, 2.0)
    view = gradient(
        SIZE,
        [(0.0, "#16294d"), (0.1, "#1c355f"), (0.24, "#3f6488"), (0.33, "#8aa0a8"), (0.42, "#c3ab98"), (1.0, "#9fb2c4")],
    )
    for base, height, colour in ((430, 130, "#7f98ad"), (470, 80, "#5d7a95")):
        paint(view, colour, shape(SIZE, ridge(SIZE, dice, base=base, height=height, rough=0.5), 1.5))
    for x in range(70, 560, 34):
        top = 520 + dice.randint(-34, 26)
        width = dice.randint(40, 60)
        paint(
            view,
            "#24405f",
            shape(SIZE, [(x, 640), (x, top + 26), (x + width / 2, top), (x + width, top + 26), (x + width, 640)], 0.8),
        )
        snow = line(SIZE, [(x - 5, top + 27), (x + width / 2, top - 2), (x + width + 5, top + 27)], 8, 1.0)
        paint(view, "#b9cbd9", snow)
        if dice.random() < 0.6:
            spot = (x + width / 2, top + 48)
            glow(view, spot, (30, 30), "#ffb64f", 0.9, 2)
            paint(view, "#ffd487", oval(SIZE, spot, (4, 6), 0.6))
    paint(canvas, "#0f0b08", oval(SIZE, WINDOW, (WINDOW_RADIUS + 30, WINDOW_RADIUS + 30), 1.5))
    ring = ImageChops.subtract(
        oval(SIZE, WINDOW, (WINDOW_RADIUS + 26, WINDOW_RADIUS + 26), 1.0),
        oval(SIZE, WINDOW, (WINDOW_RADIUS + 6, WINDOW_RADIUS + 6), 1.0),
    )
    paint(canvas, "#3a2718", ring)
    light(canvas, "#8c5526", rim(ring, (-6, -6), 2))
    paint(canvas, view, oval(SIZE, WINDOW, (WINDOW_RADIUS, WINDOW_RADIUS), 1.0))


def _snow(canvas: Image.Image, dice: random.Random) -> None:
    flakes = Image.new("L", SIZE)
    pen = ImageDraw.Draw(flakes)
    for _ in range(230):
        x, y, r = dice.uniform(60, 540), dice.uniform(140, 630), dice.uniform(0.8, 3.4)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=dice.randint(90, 235))
    inside = oval(SIZE, WINDOW, (WINDOW_RADIUS - 3, WINDOW_RADIUS - 3))
    light(canvas, "#eef4fa", ImageChops.multiply(flakes.filter(ImageFilter.GaussianBlur(0.8)), inside))


def _bars(canvas: Image.Image) -> None:
    x, y = WINDOW
    for ends in ([(x, y - WINDOW_RADIUS), (x, y + WINDOW_RADIUS)], [(x - WINDOW_RADIUS, y), (x + WINDOW_RADIUS, y)]):
        bar = line(SIZE, ends, 13, 0.6)
        paint(canvas, "#24170e", bar)
        light(canvas, "#8c5a2c", rim(bar, (-4, -3), 1.2))
    bank = curve(
        [
            (x - 190, y + 140),
            (x - 80, y + 176),
            (x + 60, y + 170),
            (x + 180, y + 148),
            (x + 120, y + 205),
            (x, y + 236),
            (x - 130, y + 200),
        ]
    )
    snow = ImageChops.multiply(shape(SIZE, bank, 3), oval(SIZE, WINDOW, (WINDOW_RADIUS, WINDOW_RADIUS)))
    paint(canvas, "#c6d6e3", snow.point([round(v * 0.9) for v in range(256)]))


def _hanging_maps(canvas: Image.Image, dice: random.Random) -> None:
    """Maps on a line, like washing."""
    for start, sag, end, places in (
        ((590, 150), 66, (1060, 120), (615, 770, 912)),
        ((610, 430), 40, (1060, 400), (848,)),
    ):
        rope = [
            (
                start[0] + (end[0] - start[0]) * t / 20,
                start[1] + (end[1] - start[1]) * t / 20 + sag * math.sin(math.pi * t / 20),
            )
            for t in range(21)
        ]
        paint(canvas, "#0e0a07", line(SIZE, rope, 3, 0.6))
        for x in places:
            y = start[1] + sag * math.sin(math.pi * (x + 55 - start[0]) / (end[0] - start[0])) - 4
            _sheet(canvas, dice, (x, y), (dice.randint(112, 130), dice.randint(170, 215)), dice.uniform(-5, 5))


def _sheet(canvas: Image.Image, dice: random.Random, corner: Point, size: tuple[int, int], lean: float) -> None:
    (x, y), (w, h) = corner, size
    page = curve(
        [
            (x, y),
            (x + w / 2, y + 3),
            (x + w, y),
            (x + w + lean - 3, y + h / 2),
            (x + w + lean, y + h),
            (x + w / 2, y + h + 7),
            (x + lean, y + h - 4),
            (x + lean + 4, y + h / 2),
        ]
    )
    mask = shape(SIZE, page, 0.8)
    paint(
        canvas,
        "#0a0705",
        ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(8)), -9, 8).point([round(v * 0.55) for v in range(256)]),
    )
    paint(canvas, gradient(SIZE, [(0.0, "#a8875a"), (0.5, "#c39a61"), (1.0, "#d9ad6c")]), mask)
    ink = Image.new("L", SIZE)
    for ring in range(6):
        middle, reach = (x + w * 0.5, y + h * 0.45), 10 + ring * 13
        coast = [
            (
                middle[0] + math.cos(a) * reach * dice.uniform(0.8, 1.2),
                middle[1] + math.sin(a) * reach * 1.3 * dice.uniform(0.85, 1.15),
            )
            for a in (k * math.pi / 5 for k in range(10))
        ]
        ink = ImageChops.lighter(ink, line(SIZE, curve(coast), 1.5, 0.5))
    river = curve(
        [(x + w * 0.2, y + 6), (x + w * 0.4, y + h * 0.3), (x + w * 0.35, y + h * 0.6), (x + w * 0.7, y + h)],
        closed=False,
    )
    ink = ImageChops.lighter(ink, line(SIZE, river, 2.5, 0.5))
    paint(canvas, "#4a3019", ImageChops.multiply(ink, mask).point([round(v * 0.6) for v in range(256)]))
    light(canvas, "#ffc070", rim(mask, (-5, -5), 3).point([round(v * 0.5) for v in range(256)]))
    for peg in (x + 14, x + w - 14):
        paint(
            canvas,
            "#5e3c1e",
            shape(SIZE, [(peg - 4, y - 10), (peg + 4, y - 10), (peg + 4, y + 14), (peg - 4, y + 14)], 0.5),
        )


def _shelf(canvas: Image.Image, dice: random.Random) -> None:
    """Rolled maps in a rack behind the table."""
    paint(canvas, "#1a110b", shape(SIZE, [(20, 700), (330, 700), (330, 1130), (20, 1130)], 2))
    for row in range(4):
        for col in range(5):
            spot = (62 + col * 58 + (row % 2) * 20, 752 + row * 92)
            radius = dice.uniform(21, 27)
            roll = oval(SIZE, spot, (radius, radius), 0.8)
            paint(canvas, dice.choice(("#8a693f", "#a27c4a", "#74552f", "#93704a")), roll)
            paint(canvas, "#3a2614", oval(SIZE, spot, (radius * 0.55, radius * 0.55), 1.0))
            paint(canvas, "#a98452", oval(SIZE, spot, (radius * 0.36, radius * 0.36), 1.0))
            light(canvas, "#d28a44", rim(roll, (-5, 1), 2).point([round(v * 0.6) for v in range(256)]))
    for y in (700, 1130):
        paint(canvas, "#2e1e12", line(SIZE, [(10, y), (340, y)], 16, 1))


def _dust(canvas: Image.Image, dice: random.Random) -> None:
    """Motes in the lamplight, and one moth."""
    motes = Image.new("L", SIZE)
    pen = ImageDraw.Draw(motes)
    for _ in range(120):
        x, y, r = dice.gauss(LAMP[0] - 60, 210), dice.gauss(LAMP[1] - 40, 230), dice.uniform(0.6, 2.0)
        pen.ellipse((x - r, y - r, x + r, y + r), fill=dice.randint(50, 170))
    light(canvas, "#ffdf9e", motes.filter(ImageFilter.GaussianBlur(0.9)))
    for side in (-1, 1):
        wing = curve([(706, 806), (706 + side * 12, 792), (706 + side * 19, 800), (706 + side * 11, 811)])
        paint(canvas, "#e6c48c", shape(SIZE, wing, 1.0).point([round(v * 0.85) for v in range(256)]))
    paint(canvas, "#5e4426", line(SIZE, [(706, 800), (706, 814)], 3, 0.8))
