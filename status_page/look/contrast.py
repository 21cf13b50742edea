"""Whether people can read a colour on another: the contrast of WCAG 2.2 (https://www.w3.org/TR/WCAG22/, 1.4.3)."""

from __future__ import annotations

import re

AA = 4.5  # of text that is not large
_HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
Rgb = tuple[int, int, int]


def parse(colour: str) -> Rgb:
    """Read "#1552b5" or "#15b". Raises ValueError for anything else."""
    found = _HEX.fullmatch(colour)
    if found is None:
        raise ValueError(f"{colour!r} is no colour; write it as #rrggbb")
    digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours, from 1 (the same) to 21 (black on white)."""
    dark, light = sorted((_luminance(parse(one)), _luminance(parse(other))))
    return (light + 0.05) / (dark + 0.05)


def readable(colour: str, ground: str, enough: float = AA) -> str:
    """Give the colour itself, or the nearest shade of it towards black or white that can be read on `ground`."""
    if contrast(colour, ground) >= enough:
        return colour
    end = 0 if contrast("#000", ground) > contrast("#fff", ground) else 255
    shades = (_mixed(parse(colour), end, step / 50) for step in range(1, 51))
    return next((shade for shade in shades if contrast(shade, ground) >= enough), _mixed((end, end, end), end, 1))


def _mixed(colour: Rgb, end: int, share: float) -> str:
    return "#" + "".join(f"{round(part + (end - part) * share):02x}" for part in colour)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (_linear(part / 255) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
