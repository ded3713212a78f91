"""Ottoline Vesper herself: a mapmaker in a shawl, lit from the side."""

import math
import random

from PIL import Image, ImageChops, ImageFilter

from cli.brush import (
    curve,
    glow,
    light,
    line,
    oval,
    paint,
    rim,
    shape,
)

SIZE = (1024, 1536)


def light_up(canvas: Image.Image, mask: Image.Image, colour: str, depth: int = 46) -> None:
    """Lamplight from the right, soft and then sharp; blue of the window on the left edge."""
    broad = rim(mask, (-depth, -8), depth / 2.4)
    light(canvas, colour, broad.point([round(v * 0.8) for v in range(256)]))
    light(canvas, colour, rim(mask, (-5, -1), 1.2).point([round(v * 0.85) for v in range(256)]))
    light(canvas, "#4d7196", rim(mask, (5, 4), 2.0).point([round(v * 0.6) for v in range(256)]))


def draw_woman(canvas: Image.Image, dice: random.Random) -> None:
    """Ottoline from the side, bent a little towards the lamp."""
    bun = oval(SIZE, (352, 690), (70, 64), 0.8)
    hair = shape(
        SIZE,
        curve(
            [
                (556, 668),
                (540, 616),
                (490, 584),
                (430, 590),
                (384, 632),
                (372, 700),
                (386, 768),
                (424, 800),
                (462, 786),
                (470, 740),
                (500, 722),
                (532, 706),
            ]
        ),
        0.8,
    )
    face = shape(
        SIZE,
        curve(
            [
                (530, 650),
                (556, 676),
                (562, 706),
                (564, 728),
                (586, 764),
                (584, 774),
                (568, 780),
                (572, 794),
                (566, 804),
                (570, 818),
                (560, 846),
                (530, 860),
                (490, 856),
                (452, 830),
                (440, 770),
                (460, 690),
            ]
        ),
        0.8,
    )
    neck = shape(SIZE, curve([(430, 790), (424, 860), (410, 900), (450, 950), (530, 950), (530, 900), (516, 848)]), 0.8)
    shirt = shape(
        SIZE,
        curve(
            [
                (420, 880),
                (330, 920),
                (262, 990),
                (232, 1100),
                (226, 1260),
                (640, 1260),
                (640, 1080),
                (600, 980),
                (540, 916),
            ]
        ),
        0.8,
    )
    waistcoat = shape(
        SIZE,
        curve(
            [
                (392, 920),
                (330, 990),
                (318, 1120),
                (322, 1260),
                (590, 1260),
                (600, 1120),
                (580, 1010),
                (530, 940),
                (500, 1000),
                (450, 960),
            ]
        ),
        0.8,
    )
    for mask, dark, lit, depth in (
        (bun, "#5d5a5c", "#ffdca6", 40),
        (neck, "#6d4634", "#ffb877", 40),
        (shirt, "#6f665c", "#ffd29a", 60),
        (waistcoat, "#1d3a2c", "#7fa35a", 70),
        (face, "#8a5a43", "#ffc48c", 60),
        (hair, "#6a6668", "#ffe2b4", 46),
    ):
        paint(canvas, dark, mask)
        light_up(canvas, mask, lit, depth)
    _hair_lines(canvas, dice)
    _features(canvas)
    _collar(canvas)


def _hair_lines(canvas: Image.Image, dice: random.Random) -> None:
    for step in range(16):
        lift = step * 8
        lock = curve(
            [
                (548 - step * 3, 660 - lift * 0.2),
                (486, 604 + lift * 0.75),
                (424, 640 + lift * 0.8),
                (392, 690 + lift * 0.5),
            ],
            closed=False,
        )
        tone = "#f6e6cc" if dice.random() < 0.55 else "#3c393c"
        put = light if tone == "#f6e6cc" else paint
        put(
            canvas,
            tone,
            line(SIZE, lock, dice.uniform(1.2, 2.6), 1.2).point(
                [round(v * dice.uniform(0.15, 0.4)) for v in range(256)]
            ),
        )
    for ring in range(5):
        turn = [k * math.pi / 14 for k in range(20)]
        swirl = [
            (352 + math.cos(a + ring) * (62 - ring * 11), 690 + math.sin(a + ring) * (56 - ring * 10)) for a in turn
        ]
        paint(canvas, "#39363a", line(SIZE, swirl, 1.8, 1.0).point([round(v * 0.5) for v in range(256)]))
    for ends in ([(300, 600), (410, 764)], [(330, 596), (402, 770)]):  # the dividers she is always looking for
        leg = line(SIZE, ends, 6, 0.5)
        paint(canvas, "#4a3214", leg)
        light(canvas, "#ffce7a", rim(leg, (-2, 0), 0.8))
    paint(canvas, "#c9944a", oval(SIZE, (313, 596), (13, 13), 0.7))


def _features(canvas: Image.Image) -> None:
    paint(canvas, "#4a2c20", line(SIZE, curve([(524, 684), (542, 678), (556, 686)], closed=False), 5, 1.2))
    paint(canvas, "#2a1812", line(SIZE, curve([(532, 720), (544, 724), (556, 718)], closed=False), 4, 0.8))
    paint(canvas, "#6d3226", line(SIZE, curve([(566, 804), (548, 806), (534, 800)], closed=False), 3.4, 0.9))
    for crease in ([(520, 730), (508, 738)], [(520, 722), (506, 724)], [(530, 782), (522, 806)]):
        paint(canvas, "#6b4030", line(SIZE, crease, 2, 1.2))
    paint(canvas, "#7a4c38", shape(SIZE, curve([(446, 716), (470, 712), (474, 744), (456, 768), (444, 750)]), 1.2))
    glow(canvas, (545, 800), (40, 30), "#d0663c", 0.2, 2)
    rimmed = ImageChops.subtract(oval(SIZE, (552, 722), (31, 34), 0.6), oval(SIZE, (552, 722), (27, 30), 0.6))
    glow(canvas, (556, 722), (34, 36), "#ffd98f", 0.75, 1.5)
    paint(canvas, "#e9b45e", rimmed)
    paint(canvas, "#c08c40", line(SIZE, [(522, 718), (470, 722)], 3.4, 0.5))


def _collar(canvas: Image.Image) -> None:
    collar = shape(SIZE, curve([(420, 884), (452, 930), (510, 960), (540, 930), (528, 900), (470, 890)]), 0.8)
    paint(canvas, "#a5988a", collar)
    light_up(canvas, collar, "#ffe4bd", 24)
    for y in (1010, 1062, 1114):
        light(canvas, "#ffcf80", oval(SIZE, (552 - (y - 1010) * 0.05, y), (6, 6), 0.8))


def draw_arm(canvas: Image.Image) -> None:
    """Her right arm lies on the table, pen in hand."""
    arm = shape(
        SIZE,
        curve(
            [
                (286, 976),
                (240, 1040),
                (226, 1130),
                (262, 1196),
                (370, 1222),
                (520, 1206),
                (640, 1170),
                (650, 1128),
                (620, 1112),
                (500, 1134),
                (400, 1120),
                (372, 1060),
                (352, 1000),
            ]
        ),
        0.8,
    )
    hand = shape(
        SIZE, curve([(630, 1114), (676, 1098), (716, 1108), (736, 1130), (716, 1150), (690, 1166), (640, 1174)]), 0.7
    )
    paint(
        canvas,
        "#0d0805",
        ImageChops.offset(arm.filter(ImageFilter.GaussianBlur(12)), -10, 14).point(
            [round(v * 0.5) for v in range(256)]
        ),
    )
    for mask, dark, lit, depth in ((arm, "#7a7064", "#ffd9a6", 34), (hand, "#8a5a43", "#ffc48c", 30)):
        paint(canvas, dark, mask)
        light_up(canvas, mask, lit, depth)
    for fold in (
        [(300, 1010), (276, 1080), (300, 1150)],
        [(350, 1040), (342, 1110), (400, 1160)],
        [(470, 1146), (500, 1170), (490, 1200)],
        [(410, 1138), (420, 1170), (396, 1200)],
    ):
        paint(
            canvas, "#40382f", line(SIZE, curve(fold, closed=False), 5, 3).point([round(v * 0.6) for v in range(256)])
        )
    cuff = shape(SIZE, curve([(604, 1112), (640, 1104), (654, 1140), (646, 1176), (612, 1184), (606, 1150)]), 0.8)
    paint(canvas, "#b5a896", cuff)
    light_up(canvas, cuff, "#ffe9c8", 16)
    paint(canvas, "#24405e", oval(SIZE, (626, 1160), (10, 7), 1.5))
    pen = line(SIZE, [(664, 1046), (742, 1176)], 6, 0.5)
    paint(canvas, "#2a1a0e", pen)
    light(canvas, "#ffcc80", rim(pen, (-2, 1), 0.8))
