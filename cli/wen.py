"""Wen Liao on the Mirrormere: a night lake, a ferry, a lantern. Drawn by `python -m cli.art`."""

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cli.brush import (
    clouds,
    curve,
    finished,
    glow,
    gradient,
    light,
    line,
    mist,
    oval,
    paint,
    ridge,
    shape,
    strokes,
)
from cli.wen_herself import LANTERN, SIZE, draw_coat_lines, draw_hat_lines, draw_woman, light_up

HORIZON = 800


def draw(dice: random.Random) -> Image.Image:
    canvas = gradient(
        SIZE,
        [
            (0.0, "#070b1e"),
            (0.2, "#0f1c3d"),
            (0.36, "#1e3c63"),
            (0.46, "#456a86"),
            (0.525, "#a58e86"),
            (1.0, "#a58e86"),
        ],
    )
    _clouds(canvas, dice)
    glow(canvas, (850, 200), (330, 330), "#8fb0d8", 0.5, 2.4)
    for base, height, colour, rough in (
        (690, 150, "#4b6b86", 0.52),
        (735, 120, "#2f4d69", 0.5),
        (775, 70, "#1d3550", 0.48),
    ):
        paint(canvas, colour, shape(SIZE, ridge(SIZE, dice, base=base, height=height, rough=rough), 1.2))
        mist(canvas, dice, "#8fa6b4", middle=base + 40, spread=40, strength=0.75)
    _lake(canvas, dice)
    strokes(canvas, dice, count=9000, length=46, width=9, turn=3)
    strokes(canvas, dice, count=22000, length=22, width=4, turn=-4)
    _stars(canvas, dice, 150, (0, 620), 1.5)
    _moon(canvas)
    _stars_below(canvas, dice)
    mist(canvas, dice, "#9fb3bd", middle=HORIZON + 6, spread=46, strength=0.9)
    _lantern_light(canvas, dice)
    _ferry(canvas, dice)
    mist(canvas, dice, "#8aa0b2", middle=1440, spread=90, strength=0.4)
    return finished(canvas, dice, vignette=0.75, grain=0.35)


def _clouds(canvas: Image.Image, dice: random.Random) -> None:
    veil = clouds(SIZE, dice, (300, 70)).point([round(max(0, v - 120) * 0.75) for v in range(256)])
    band = (
        Image.linear_gradient("L")
        .resize((1, 1536))
        .point([255 if v < 120 else max(0, 255 - (v - 120) * 12) for v in range(256)])
    )
    paint(canvas, "#33567c", ImageChops.multiply(veil, band.resize(SIZE)))


def _stars(canvas: Image.Image, dice: random.Random, count: int, rows: tuple[int, int], most: float) -> None:
    mask = Image.new("L", SIZE)
    draw = ImageDraw.Draw(mask)
    for _ in range(count):
        x, y, r = dice.uniform(0, SIZE[0]), dice.uniform(*rows), dice.uniform(0.4, most)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=dice.randint(90, 230))
    light(canvas, "#e9f0ff", mask.filter(ImageFilter.GaussianBlur(0.6)))


def _moon(canvas: Image.Image) -> None:
    disc = oval(SIZE, (850, 200), (56, 56), 0.8)
    bite = oval(SIZE, (825, 190), (54, 54), 1.2)
    paint(canvas, "#f3ead2", ImageChops.subtract(disc, bite))
    glow(canvas, (866, 208), (110, 110), "#fff3d0", 0.45, 2.5)


def _lake(canvas: Image.Image, dice: random.Random) -> None:
    """The lake shows the sky upside down, darker and bluer: it is not quite the same one."""
    above = canvas.crop((0, HORIZON - 736, SIZE[0], HORIZON)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    water = Image.new("RGB", SIZE)
    water.paste(above.filter(ImageFilter.GaussianBlur(5)), (0, HORIZON))
    tint = gradient(SIZE, [(0.0, "#5b7f9c"), (0.53, "#6f93a8"), (0.66, "#35597c"), (0.85, "#172e52"), (1.0, "#0a1430")])
    mask = shape(SIZE, [(0, HORIZON), (SIZE[0], HORIZON), (SIZE[0], SIZE[1]), (0, SIZE[1])])
    paint(
        canvas,
        ImageChops.multiply(Image.blend(water, tint, 0.5), Image.blend(tint, Image.new("RGB", SIZE, "white"), 0.45)),
        mask,
    )
    for _ in range(90):
        y = HORIZON + 8 + 700 * dice.random() ** 1.7
        x, reach = dice.uniform(0, SIZE[0]), dice.uniform(30, 170) * (0.5 + (y - HORIZON) / 500)
        streak = line(SIZE, [(x - reach, y), (x + reach, y)], 1 + (y - HORIZON) / 420, 1.2)
        light(canvas, "#7fa2bd", streak.point([round(v * dice.uniform(0.08, 0.3)) for v in range(256)]))


def _stars_below(canvas: Image.Image, dice: random.Random) -> None:
    """Other constellations than those above; the Buttons, three in a row, among them."""
    _stars(canvas, dice, 130, (HORIZON + 90, SIZE[1]), 1.9)
    for x, y, r in (
        (700, 1395, 5),
        (756, 1375, 5),
        (812, 1355, 5.5),
        (170, 1290, 3.5),
        (905, 1235, 3.2),
        (420, 1475, 4),
        (90, 1430, 3),
    ):
        glow(canvas, (x, y), (r * 9, r * 9), "#a9cbff", 0.75, 3)
        light(canvas, "#ffffff", oval(SIZE, (x, y), (r * 0.6, r * 0.6), 0.8))


def _lantern_light(canvas: Image.Image, dice: random.Random) -> None:
    """What the lantern does to air and water."""
    x, y = LANTERN
    glow(canvas, (x, y), (900, 760), "#c46a2a", 0.62, 1.7)
    glow(canvas, (x, y), (360, 360), "#ffb054", 0.75, 2.0)
    column = Image.new("L", SIZE)
    pen = ImageDraw.Draw(column)
    for step in range(190):
        depth = step / 190
        at = 1085 + depth * 430
        reach = (16 + 74 * depth) * dice.uniform(0.25, 1.0)
        middle = x + dice.gauss(0, 6 + 26 * depth)
        pen.line(
            [(middle - reach, at), (middle + reach, at)], fill=round(215 * (1 - depth) ** 1.2), width=dice.randint(1, 4)
        )
    light(canvas, "#ffab4a", column.filter(ImageFilter.GaussianBlur(2.2)))
    light(canvas, "#c96a22", column.filter(ImageFilter.GaussianBlur(22)))


def _ferry(canvas: Image.Image, dice: random.Random) -> None:
    hull = curve(
        [
            (168, 950),
            (196, 1000),
            (262, 1050),
            (400, 1082),
            (600, 1090),
            (790, 1078),
            (905, 1040),
            (958, 985),
            (940, 980),
            (880, 1008),
            (760, 1024),
            (560, 1030),
            (380, 1022),
            (270, 995),
            (206, 955),
            (180, 930),
        ]
    )
    shadow = shape(SIZE, [(px, 2 * 1086 - py + 6) for px, py in hull], 9)
    paint(canvas, "#040812", shadow.point([round(v * 0.72) for v in range(256)]))
    hat, parts = draw_woman()
    body = shape(SIZE, hull, 0.6)
    post = line(SIZE, curve([(192, 962), (178, 880), (190, 790), (236, 752), (270, 762)], closed=False), 12)
    pole = line(SIZE, [(760, 382), (618, 1112)], 9)
    under = line(SIZE, [(618, 1112), (596, 1225)], 10, 2.5)
    for mask, dark, lit in (
        (parts["coat"], "#1c2130", "#d98338"),
        (parts["scarf"], "#4a1f1b", "#f08a45"),
        (parts["face"], "#3a2723", "#ffb36a"),
        (parts["hair"], "#0b0b10", "#a05a2a"),
        (hat, "#4a3a22", "#ffc878"),
        (parts["front arm"], "#20263a", "#e08a3c"),
        (body, "#15100e", "#c06e2e"),
        (post, "#15100e", "#ffb45e"),
        (pole, "#1b1713", "#e0923f"),
        (parts["hand"], "#4a3028", "#ffb870"),
    ):
        paint(canvas, dark, mask)
        light_up(canvas, mask, lit)
    paint(canvas, "#0a1226", under.point([round(v * 0.4) for v in range(256)]))
    draw_coat_lines(canvas)
    _planks(canvas, dice)
    draw_hat_lines(canvas)
    _lantern(canvas)


def _planks(canvas: Image.Image, dice: random.Random) -> None:
    for drop in (22, 42):
        seam = curve(
            [
                (230, 985 + drop),
                (390, 1028 + drop * 0.9),
                (600, 1040 + drop * 0.8),
                (800, 1028 + drop * 0.7),
                (915, 992 + drop * 0.6),
            ],
            closed=False,
        )
        paint(canvas, "#060404", line(SIZE, seam, 2.2, 0.7))
        light(canvas, "#8a4a1e", line(SIZE, [(x, y - 2) for x, y in seam[: 22 + dice.randint(0, 6)]], 1.6, 1.0))


def _lantern(canvas: Image.Image) -> None:
    x, y = LANTERN
    paint(canvas, "#1a120c", line(SIZE, [(x, 760), (x, y - 48)], 4))
    paint(canvas, "#3a2412", shape(SIZE, [(x - 30, y - 34), (x + 30, y - 34), (x + 15, y - 56), (x - 15, y - 56)], 0.6))
    glow(canvas, (x, y), (74, 92), "#ff9d3c", 0.95, 1.4)
    paint(canvas, "#ffc46b", shape(SIZE, [(x - 26, y - 34), (x + 26, y - 34), (x + 30, y + 34), (x - 30, y + 34)], 1.5))
    flame = shape(
        SIZE, curve([(x, y - 26), (x + 11, y), (x + 9, y + 18), (x, y + 24), (x - 9, y + 18), (x - 11, y)]), 2.2
    )
    paint(canvas, "#fff6d8", flame)
    paint(canvas, "#3a2412", shape(SIZE, [(x - 36, y + 34), (x + 36, y + 34), (x + 30, y + 48), (x - 30, y + 48)], 0.6))
    for shift in (-28, 28):
        paint(canvas, "#4a2d14", line(SIZE, [(x + shift * 0.93, y - 34), (x + shift * 1.07, y + 34)], 4, 0.5))
    glow(canvas, (x, y), (130, 130), "#ffca7a", 0.8, 2.6)
