"""Wen the ferrywoman herself: her hat, her coat, and the light on them."""

from PIL import Image, ImageChops

from cli.brush import (
    curve,
    light,
    line,
    oval,
    paint,
    rim,
    shape,
)

SIZE = (1024, 1536)
LANTERN = (270.0, 830.0)


def light_up(canvas: Image.Image, mask: Image.Image, colour: str) -> None:
    """Warm light from the lantern on the left: a broad soft one and a sharp edge; cool moonlight on the right edge."""
    falloff = Image.new("L", SIZE)
    soft = (
        Image.radial_gradient("L")
        .resize((1500, 1500))
        .point([round(255 * max(0.0, 1 - v / 180) ** 1.3) for v in range(256)])
    )
    falloff.paste(soft, (round(LANTERN[0]) - 750, round(LANTERN[1]) - 750))
    broad = ImageChops.multiply(rim(mask, (34, 4), 14), falloff)
    light(canvas, colour, broad.point([round(v * 0.75) for v in range(256)]))
    light(canvas, colour, ImageChops.multiply(rim(mask, (5, 1), 1.2), falloff))
    light(canvas, "#5f82ad", rim(mask, (-4, 3), 1.6).point([round(v * 0.55) for v in range(256)]))


def draw_woman() -> tuple[Image.Image, dict[str, Image.Image]]:
    """Wen from the side, towards the lantern: hat, and the parts below it."""
    hat = shape(
        SIZE,
        curve(
            [
                (478, 478),
                (540, 452),
                (590, 420),
                (622, 372),
                (662, 366),
                (694, 402),
                (716, 440),
                (768, 462),
                (800, 486),
                (742, 496),
                (640, 500),
                (540, 498),
            ]
        ),
        0.6,
    )
    face = shape(
        SIZE,
        curve(
            [
                (585, 486),
                (578, 506),
                (566, 530),
                (574, 536),
                (572, 546),
                (577, 552),
                (574, 562),
                (584, 580),
                (606, 590),
                (640, 588),
                (664, 560),
                (676, 500),
            ]
        ),
        0.6,
    )
    hair = shape(
        SIZE,
        curve(
            [(640, 490), (628, 520), (640, 548), (634, 580), (652, 616), (700, 640), (726, 600), (724, 540), (704, 490)]
        ),
        0.8,
    )
    scarf = shape(
        SIZE,
        curve([(596, 584), (580, 606), (592, 632), (640, 652), (706, 648), (742, 622), (722, 596), (664, 588)]),
        0.8,
    )
    coat = shape(
        SIZE,
        curve(
            [
                (612, 618),
                (588, 650),
                (584, 720),
                (598, 800),
                (584, 880),
                (556, 970),
                (540, 1044),
                (600, 1056),
                (690, 1054),
                (770, 1044),
                (766, 960),
                (738, 860),
                (728, 790),
                (742, 720),
                (744, 670),
                (722, 632),
                (680, 612),
            ]
        ),
        0.8,
    )
    front_arm = shape(
        SIZE,
        curve(
            [
                (732, 648),
                (764, 690),
                (758, 752),
                (716, 792),
                (690, 782),
                (664, 760),
                (672, 738),
                (700, 734),
                (700, 690),
                (700, 654),
            ]
        ),
        0.8,
    )
    hand = shape(SIZE, curve([(666, 748), (690, 738), (704, 752), (700, 776), (680, 786), (664, 772)]), 0.6)
    return hat, {
        "face": face, "hair": hair, "scarf": scarf, "coat": coat,
        "front arm": front_arm, "hand": hand,
    }  # fmt: skip


def draw_hat_lines(canvas: Image.Image) -> None:
    """Straw: a few light arcs along the brim, and a band."""
    for lift in range(5):
        arc = curve(
            [
                (500, 480 - lift * 2),
                (600, 470 - lift * 12),
                (660, 466 - lift * 16),
                (720, 468 - lift * 9),
                (778, 482 - lift),
            ],
            closed=False,
        )
        light(canvas, "#d99a4e", line(SIZE, arc, 1.4, 0.8).point([round(v * (0.34 - lift * 0.05)) for v in range(256)]))
    band = curve([(592, 446), (640, 456), (690, 452), (716, 440)], closed=False)
    paint(canvas, "#2a1512", line(SIZE, band, 13, 0.6))


def draw_coat_lines(canvas: Image.Image) -> None:
    """Belt, folds, buttons, and a closed eye: what the lantern picks out."""
    paint(canvas, "#0c0d14", line(SIZE, curve([(596, 800), (650, 812), (728, 796)], closed=False), 12, 0.8))
    light(canvas, "#c9813c", line(SIZE, curve([(598, 794), (630, 803), (660, 805)], closed=False), 2, 0.8))
    for x, foot, lean in ((622, 560, -26), (648, 610, -10), (676, 668, 4), (704, 724, 22)):
        fold = curve([(x, 820), (x + lean * 0.3, 900), (foot + lean, 1046)], closed=False)
        paint(canvas, "#0c1019", line(SIZE, fold, 7, 3.5).point([round(v * 0.7) for v in range(256)]))
        light(
            canvas,
            "#9c5c2c",
            line(SIZE, [(px - 6, py) for px, py in fold], 3, 2.2).point([round(v * 0.5) for v in range(256)]),
        )
    for y in (672, 712, 752):
        light(canvas, "#ffb860", oval(SIZE, (612, y), (4.5, 4.5), 0.8))
    paint(canvas, "#120b0a", line(SIZE, curve([(588, 524), (598, 529), (609, 526)], closed=False), 3, 0.6))
    paint(canvas, "#2a1613", line(SIZE, [(575, 556), (590, 555)], 2.4, 0.7))
    for shift in range(4):
        lock = curve([(662 + shift * 14, 500), (656 + shift * 14, 560), (672 + shift * 12, 622)], closed=False)
        light(canvas, "#6d4a3a", line(SIZE, lock, 2, 1.4).point([round(v * 0.4) for v in range(256)]))
