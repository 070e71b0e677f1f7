"""Draws the sample pictures a resident can send, with nothing but the standard library; run it to make them again."""

import struct
import zlib
from collections.abc import Callable
from math import hypot
from pathlib import Path

SIDE = 320
FOLDER = Path(__file__).parent.parent / "static" / "samples"
Color = tuple[int, int, int]
Paint = Callable[[float, float], bool]


def box(x0: float, y0: float, x1: float, y1: float) -> Paint:
    """Cover a rectangle."""
    return lambda x, y: x0 <= x < x1 and y0 <= y < y1


def disc(cx: float, cy: float, radius: float, squash: float = 1.0) -> Paint:
    """Cover a circle, flattened when `squash` is above 1."""
    return lambda x, y: hypot(x - cx, (y - cy) * squash) < radius


def drop(cx: float, cy: float, radius: float) -> Paint:
    """Cover a drop of water with its point upwards."""
    tip = cy - 2.4 * radius

    def inside(x: float, y: float) -> bool:
        if hypot(x - cx, y - cy) < radius:
            return True
        return tip <= y <= cy and abs(x - cx) < radius * (y - tip) / (cy - tip) * 0.95

    return inside


def slanted(x0: float, y0: float, x1: float, y1: float, lean: float) -> Paint:
    """Cover a rectangle leaning to the right by `lean` at its top."""
    return lambda x, y: y0 <= y < y1 and x0 <= x - lean * (y1 - y) / (y1 - y0) < x1


def band(x0: float, y0: float, x1: float, y1: float, width: float) -> Paint:
    """Cover a straight stroke with round ends."""
    length = hypot(x1 - x0, y1 - y0)

    def inside(x: float, y: float) -> bool:
        along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / (length * length)
        t = min(1.0, max(0.0, along))
        return hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0)) < width / 2

    return inside


def tiles(x: float, y: float) -> bool:
    """Cover the joints of a tiled wall."""
    return int(x) % 64 < 2 or int(y) % 64 < 2


STEEL, SHINE, DARK = (150, 160, 172), (205, 212, 220), (92, 102, 115)
WATER, POOL, GREEN, PAPER = (84, 160, 224), (150, 200, 238), (58, 170, 110), (252, 250, 244)
PIPE: list[tuple[Paint, Color]] = [
    (box(0, 96, 320, 140), STEEL),
    (box(0, 104, 320, 112), SHINE),
    (box(138, 84, 182, 152), DARK),
    (box(144, 84, 150, 152), STEEL),
]
PICTURES: dict[str, tuple[Color, list[tuple[Paint, Color]]]] = {
    "leak": (
        (233, 238, 242),
        [
            (tiles, (214, 221, 228)),
            (disc(160, 292, 130, 4), POOL),
            *PIPE,
            *((drop(*place), WATER) for place in ((160, 186, 13), (150, 236, 10), (172, 262, 8))),
        ],
    ),
    "repaired": (
        (238, 242, 236),
        [
            (tiles, (220, 227, 217)),
            *PIPE,
            (disc(160, 222, 46), GREEN),
            (band(138, 222, 154, 240, 11), PAPER),
            (band(154, 240, 184, 204, 11), PAPER),
        ],
    ),
    "lamp": (
        (58, 62, 78),
        [
            (box(0, 262, 320, 320), (44, 47, 60)),
            (box(156, 0, 164, 96), (28, 30, 40)),
            (slanted(104, 96, 216, 126, 0), (96, 100, 118)),
            (disc(160, 140, 34), (128, 130, 140)),
            (disc(150, 132, 10), (160, 162, 170)),
            (band(138, 196, 182, 240, 9), (196, 92, 84)),
            (band(182, 196, 138, 240, 9), (196, 92, 84)),
        ],
    ),
    "parking": (
        (122, 128, 134),
        [
            (slanted(30, 40, 40, 300, 40), PAPER),
            (slanted(270, 40, 280, 300, 40), PAPER),
            (disc(172, 232, 104, 5), (96, 102, 108)),
            (box(84, 150, 252, 214), (196, 78, 70)),
            (slanted(112, 108, 214, 152, 14), (196, 78, 70)),
            (slanted(124, 116, 160, 148, 10), (206, 226, 236)),
            (slanted(168, 116, 204, 148, 10), (206, 226, 236)),
            *((disc(x, 214, 22), (40, 42, 46)) for x in (122, 214)),
            *((disc(x, 214, 9), (180, 184, 188)) for x in (122, 214)),
        ],
    ),
    "receipt": (
        (226, 222, 212),
        [
            (box(78, 34, 250, 298), (206, 200, 188)),
            (box(70, 26, 242, 290), PAPER),
            (box(92, 52, 180, 66), (70, 74, 80)),
            *((box(92, 92 + 30 * row, 160 + 9 * (row % 3), 100 + 30 * row), (176, 178, 180)) for row in range(5)),
            *((box(190, 92 + 30 * row, 222, 100 + 30 * row), (140, 144, 148)) for row in range(5)),
            (disc(192, 254, 26), (214, 96, 88)),
            (disc(192, 254, 21), PAPER),
            (band(182, 254, 202, 254, 5), (214, 96, 88)),
        ],
    ),
    "dog": (
        (214, 230, 206),
        [
            (disc(160, 330, 210, 2.4), (170, 204, 156)),
            (disc(160, 256, 72), (206, 160, 104)),
            (disc(98, 136, 34, 0.6), (146, 102, 60)),
            (disc(222, 136, 34, 0.6), (146, 102, 60)),
            (disc(160, 152, 72), (222, 178, 122)),
            (disc(160, 184, 38, 1.2), (246, 226, 196)),
            (disc(132, 140, 9), (48, 38, 32)),
            (disc(188, 140, 9), (48, 38, 32)),
            (disc(160, 170, 13, 1.3), (48, 38, 32)),
            (band(160, 182, 160, 198, 4), (110, 78, 56)),
            (disc(160, 206, 11, 0.8), (232, 128, 128)),
        ],
    ),
}


def draw(background: Color, shapes: list[tuple[Paint, Color]]) -> bytes:
    """Return a PNG with the shapes painted in order, edges smoothed by four samples a pixel."""
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)
        for x in range(SIDE):
            samples = [_color(x + dx, y + dy, background, shapes) for dx in (0.25, 0.75) for dy in (0.25, 0.75)]
            rows.extend(sum(part) // 4 for part in zip(*samples, strict=True))
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(bytes(rows), 9)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _color(x: float, y: float, background: Color, shapes: list[tuple[Paint, Color]]) -> Color:
    for covers, color in reversed(shapes):
        if covers(x, y):
            return color
    return background


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def main() -> None:
    """Write every picture into static/samples."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (background, shapes) in PICTURES.items():
        (FOLDER / f"{name}.png").write_bytes(draw(background, shapes))


if __name__ == "__main__":
    main()
