"""The brand's logo: a PNG or an SVG that only draws, small enough for a bad line."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

from domain.errors import ConfigError

MOST = 20_000  # bytes
HEIGHT = 36  # CSS pixels on the page
WIDEST = 240
_PNG = b"\x89PNG\r\n\x1a\n"
_ACTS = re.compile(r"script|foreignobject|iframe|embed|object|audio|video|handler|set|animate.*", re.IGNORECASE)
_SIZE = re.compile(r"\s*([0-9.]+)(?:px)?\s*")


@dataclass(frozen=True, slots=True)
class Logo:
    """A checked logo, ready to be written into the site; its size on the page in CSS pixels."""

    path: str
    content: bytes = field(repr=False)
    width: int
    height: int = HEIGHT


def read_logo(name: str, content: bytes) -> Logo:
    """Check a logo file. Raises ConfigError with the reason why it cannot be used."""
    if len(content) > MOST:
        size = f"{len(content) / 1000:.0f} kB"
        raise ConfigError(f"{name} has {size}; use a logo of at most {MOST // 1000} kB, every visitor loads it")
    if content.startswith(_PNG):
        return _logo(content, "png", _png_shape(name, content))
    if b"<svg" in content[:2000]:
        return _logo(content, "svg", _svg_shape(name, content))
    raise ConfigError(f"{name} is neither a PNG nor an SVG")


def _logo(content: bytes, kind: str, shape: float) -> Logo:
    width = min(WIDEST, max(1, round(HEIGHT * shape)))
    return Logo(f"assets/logo.{hashlib.sha256(content).hexdigest()[:12]}.{kind}", content, width)


def _png_shape(name: str, content: bytes) -> float:
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    if content[12:16] != b"IHDR" or not width or not height:
        raise ConfigError(f"{name} is a broken PNG")
    return width / height


def _svg_shape(name: str, content: bytes) -> float:
    """Refuse what could act or ask others for anything, also when the file is opened by itself; give width/height."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<?xml-stylesheet" in content:
        raise ConfigError(f"{name} has a document type or style sheet in front; save it as plain SVG")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (a file that declares entities does not come so far)
    except ElementTree.ParseError as err:
        raise ConfigError(f"{name} is not an SVG ({err})") from err
    for element in root.iter():
        _only_draws(name, element)
    return _shape(root)


def _only_draws(name: str, element: ElementTree.Element) -> None:
    tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if _ACTS.fullmatch(tag):
        raise ConfigError(f"{name} holds <{tag}>; save it as plain SVG that only draws")
    for attribute, value in element.attrib.items():
        key = attribute.rpartition("}")[2].lower()
        outside = key == "href" and not value.startswith(("#", "data:image/png", "data:image/jpeg"))
        if key.startswith("on") or outside or _asks_others(value):
            raise ConfigError(f"{name} holds {key}=“{value[:40]}”; save it as plain SVG that only draws")
    if tag == "style" and _asks_others(element.text or ""):
        raise ConfigError(f"{name} has a style that asks others for something; save it as plain SVG")


def _asks_others(style: str) -> bool:
    return "@import" in style or re.search(r"url\(\s*[\"']?\s*(?!#|data:image/)", style, re.I) is not None


def _shape(root: ElementTree.Element) -> float:
    box = (root.get("viewBox") or "").replace(",", " ").split()
    sizes = box[2:] if len(box) == 4 else [root.get("width") or "", root.get("height") or ""]
    found = [_SIZE.fullmatch(size) for size in sizes]
    width, height = (float(size[1]) if size else 0.0 for size in found)
    return width / height if width > 0 and height > 0 else 1.0
