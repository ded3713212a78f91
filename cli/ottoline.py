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

SIZE = (1024, 1536)
LAMP = (815.0, 905.0)
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
    _woman(canvas, dice)
    _table(canvas, dice)
    _arm(canvas)
    _jackdaw(canvas)
    _lamp(canvas)
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


def _lit(canvas: Image.Image, mask: Image.Image, colour: str, depth: int = 46) -> None:
    """Lamplight from the right, soft and then sharp; blue of the window on the left edge."""
    broad = rim(mask, (-depth, -8), depth / 2.4)
    light(canvas, colour, broad.point([round(v * 0.8) for v in range(256)]))
    light(canvas, colour, rim(mask, (-5, -1), 1.2).point([round(v * 0.85) for v in range(256)]))
    light(canvas, "#4d7196", rim(mask, (5, 4), 2.0).point([round(v * 0.6) for v in range(256)]))


def _woman(canvas: Image.Image, dice: random.Random) -> None:
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
        _lit(canvas, mask, lit, depth)
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
    _lit(canvas, collar, "#ffe4bd", 24)
    for y in (1010, 1062, 1114):
        light(canvas, "#ffcf80", oval(SIZE, (552 - (y - 1010) * 0.05, y), (6, 6), 0.8))


def _arm(canvas: Image.Image) -> None:
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
        _lit(canvas, mask, lit, depth)
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
    _lit(canvas, cuff, "#ffe9c8", 16)
    paint(canvas, "#24405e", oval(SIZE, (626, 1160), (10, 7), 1.5))
    pen = line(SIZE, [(664, 1046), (742, 1176)], 6, 0.5)
    paint(canvas, "#2a1a0e", pen)
    light(canvas, "#ffcc80", rim(pen, (-2, 1), 0.8))


def _table(canvas: Image.Image, dice: random.Random) -> None:
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


def _jackdaw(canvas: Image.Image) -> None:
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
    _lit(canvas, body, "#d08a48", 26)
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


def _lamp(canvas: Image.Image) -> None:
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
