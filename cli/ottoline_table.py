"""What stands on Ottoline Vesper's table: maps, a jackdaw, and the lamp."""

import random

from PIL import Image, ImageChops

from cli.brush import (
    clouds,
    curve,
    glow,
    gradient,
    light,
    line,
    oval,
    paint,
    rim,
    shape,
)
from cli.ottoline_herself import SIZE, light_up

LAMP = (815.0, 905.0)


def draw_table(canvas: Image.Image, dice: random.Random) -> None:
    top = shape(SIZE, [(-10, 1196), (1034, 1168), (1034, 1546), (-10, 1546)], 1)
    wood = gradient(SIZE, [(0.0, "#5a3820"), (0.77, "#5a3820"), (0.86, "#3a2415"), (1.0, "#160d07")])
    grain = clouds(SIZE, dice, (260, 8)).point([round(max(0, v - 110) * 0.5) for v in range(256)])
    paint(wood, "#1a0f08", grain)
    paint(canvas, wood, top)
    glow(canvas, (800, 1190), (520, 150), "#e08a3a", 0.62, 1.7)
    page = shape(SIZE, [(330, 1250), (940, 1206), (1060, 1420), (1060, 1560), (150, 1560)], 1)
    paint(canvas, gradient(SIZE, [(0.0, "#f2cf90"), (0.8, "#eac482"), (0.93, "#8c6236"), (1.0, "#5a3c20")]), page)
    ink = Image.new("L", SIZE)
    for row in range(7):
        y = 1246 + row * 44
        street = curve(
            [
                (300 - row * 10, y + 14),
                (480, y - 6 + dice.randint(-6, 6)),
                (720, y - 18 + dice.randint(-8, 8)),
                (1020, y - 34),
            ],
            closed=False,
        )
        ink = ImageChops.lighter(ink, line(SIZE, street, 2.4, 0.5))
        for x in range(360, 1000, 54):
            house, base = x + dice.randint(-10, 10), y - 8 - (x - 300) * 0.045
            walls = [
                (house, base + 16),
                (house, base + 4),
                (house + 10, base - 6),
                (house + 20, base + 4),
                (house + 20, base + 16),
                (house, base + 16),
            ]
            ink = ImageChops.lighter(ink, line(SIZE, walls, 1.8, 0.4))
    paint(canvas, "#3a2413", ImageChops.multiply(ink, page).point([round(v * 0.75) for v in range(256)]))
    light(canvas, "#ffb64f", oval(SIZE, (706, 1248), (5, 5), 0.8))
    glow(canvas, (706, 1248), (46, 40), "#ffb64f", 0.8, 2)
    glow(canvas, (LAMP[0], 1230), (420, 130), "#ffd79a", 0.4, 1.8)
    shade = (
        Image.linear_gradient("L").resize(SIZE).point([0 if v < 222 else min(230, (v - 222) * 9) for v in range(256)])
    )
    paint(canvas, "#0d0805", shade)


def draw_jackdaw(canvas: Image.Image) -> None:
    """Erratum, with his one white feather, holding down a corner of the map."""
    body = shape(
        SIZE,
        curve(
            [
                (196, 1150),
                (230, 1136),
                (252, 1150),
                (260, 1166),
                (288, 1178),
                (262, 1184),
                (256, 1212),
                (240, 1262),
                (200, 1308),
                (150, 1330),
                (84, 1388),
                (66, 1378),
                (96, 1318),
                (120, 1250),
                (156, 1190),
            ]
        ),
        0.7,
    )
    shadow = oval(SIZE, (180, 1372), (130, 16), 8)
    paint(canvas, "#070403", shadow.point([round(v * 0.6) for v in range(256)]))
    for x in (178, 206):
        paint(canvas, "#0b0807", line(SIZE, [(x, 1310), (x + 6, 1368), (x + 24, 1374)], 6, 0.6))
    paint(canvas, "#14141a", body)
    light_up(canvas, body, "#d08a48", 26)
    nape = shape(SIZE, curve([(190, 1152), (180, 1186), (196, 1216), (222, 1196), (220, 1160)]), 5)
    paint(canvas, "#6c7480", nape.point([round(v * 0.75) for v in range(256)]))
    for shift in range(4):
        feather = curve(
            [(150 + shift * 10, 1220 + shift * 14), (132 + shift * 6, 1280 + shift * 8), (96 + shift * 6, 1350)],
            closed=False,
        )
        light(canvas, "#5d7796", line(SIZE, feather, 2.4, 1.2).point([round(v * 0.5) for v in range(256)]))
    paint(canvas, "#efe6d6", shape(SIZE, curve([(166, 1234), (158, 1290), (118, 1346), (140, 1280)]), 1.0))
    paint(canvas, "#f4e3c2", oval(SIZE, (238, 1162), (7, 7), 0.6))
    paint(canvas, "#0b0807", oval(SIZE, (239, 1162), (3.4, 3.4), 0.5))


def draw_lamp(canvas: Image.Image) -> None:
    x, y = LAMP
    foot = shape(
        SIZE,
        curve(
            [
                (x - 86, 1210),
                (x - 60, 1184),
                (x - 20, 1168),
                (x - 14, 1110),
                (x - 56, 1078),
                (x - 66, 1036),
                (x - 36, 1004),
                (x + 36, 1004),
                (x + 66, 1036),
                (x + 56, 1078),
                (x + 14, 1110),
                (x + 20, 1168),
                (x + 60, 1184),
                (x + 86, 1210),
                (x, 1226),
            ]
        ),
        0.8,
    )
    paint(
        canvas,
        gradient(SIZE, [(0.0, "#d8953f"), (0.655, "#c98536"), (0.72, "#6e4118"), (0.8, "#8a5420"), (1.0, "#8a5420")]),
        foot,
    )
    light(canvas, "#ffe0a0", rim(foot, (12, 2), 5).point([round(v * 0.6) for v in range(256)]))
    light(canvas, "#ffd080", rim(foot, (-10, 4), 5).point([round(v * 0.45) for v in range(256)]))
    glass = shape(
        SIZE,
        curve(
            [
                (x - 30, 1004),
                (x - 58, 950),
                (x - 60, 890),
                (x - 34, 836),
                (x - 28, 760),
                (x + 28, 760),
                (x + 34, 836),
                (x + 60, 890),
                (x + 58, 950),
                (x + 30, 1004),
            ]
        ),
        1.0,
    )
    light(canvas, "#b06a2a", glass.point([round(v * 0.55) for v in range(256)]))
    glow(canvas, (x, y + 20), (120, 150), "#ffb548", 0.95, 1.5)
    flame = shape(
        SIZE,
        curve([(x, y - 62), (x + 16, y - 10), (x + 20, y + 32), (x, y + 60), (x - 20, y + 32), (x - 16, y - 10)]),
        3,
    )
    paint(canvas, "#fff4d0", flame)
    light(canvas, "#fff0c8", rim(glass, (7, 0), 2.4).point([round(v * 0.65) for v in range(256)]))
    light(canvas, "#fff0c8", rim(glass, (-7, 0), 2.4).point([round(v * 0.65) for v in range(256)]))
    glow(canvas, (x, y + 10), (300, 300), "#ffce86", 0.6, 2.4)
