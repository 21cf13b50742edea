"""Draws the pictures that social networks show beside links to the page: `python -m tests.cards` (chromium).

One for each headline and language, without a brand, and one without words for languages that come later. They are drawn
once and shipped, so that a running hubbub needs nothing that can paint.
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from playwright.sync_api import Page, sync_playwright

from domain.component import ComponentStatus
from status_page.look.assets import CARDS
from status_page.look.theme import palettes
from status_page.pages.templating import HEADLINE_COLOUR, environment, headline_words
from status_page.words.language import direction, spoken
from tests.screenshots import ARGUMENTS, CHROMIUM

WIDTH, HEIGHT = 1200, 630  # what the networks ask for
COLOURS = 16  # flat shapes and their soft edges need no more
NEUTRAL = {"en": "Status page", "tr": "Durum sayfası", "fa": "صفحهٔ وضعیت خدمات"}
_NAMES = {
    ComponentStatus.OPERATIONAL: "ok", ComponentStatus.DEGRADED_PERFORMANCE: "degraded",
    ComponentStatus.PARTIAL_OUTAGE: "partial", ComponentStatus.MAJOR_OUTAGE: "major",
    ComponentStatus.UNDER_MAINTENANCE: "maintenance",
}  # fmt: skip
_PULSE = '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true"><path d="M1 11h4l2.5-7 4.5 13 2.5-6H19" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"/></svg>'  # noqa: E501
_PAGE = """<!doctype html><html lang="{language}" dir="{direction}"><style>
body {{ margin: 0; inline-size: 1200px; block-size: 630px; display: flex; align-items: center; justify-content: {place};
  gap: 64px; padding: 0 96px; box-sizing: border-box; background: {ground}; color: {ink};
  font: 700 84px/1.35 system-ui, "Noto Sans", sans-serif; border-block-end: 28px solid {mark}; }}
:lang(fa) {{ font-family: Vazirmatn, "Noto Sans Arabic", Tahoma, sans-serif; line-height: 1.6; }}
.icon {{ inline-size: 220px; block-size: 220px; flex: none; fill: currentColor; color: {mark}; --b: {ground}; }}
</style><body>{icon}{words}</body></html>"""
# Runs in the browser: keeps the most frequent colours and puts every pixel to the nearest of them.
_FEW_COLOURS = """async ([url, most]) => {
  const image = new Image(); image.src = url; await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height), pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, image.width, image.height).data, count = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const colour = data[i] << 16 | data[i + 1] << 8 | data[i + 2];
    count.set(colour, (count.get(colour) || 0) + 1);
  }
  const known = [...count].sort((a, b) => b[1] - a[1]).map(([colour]) => colour), kept = [];
  const apart = (a, b) => Math.hypot((a >> 16) - (b >> 16), (a >> 8 & 255) - (b >> 8 & 255), (a & 255) - (b & 255));
  for (const least of [24, 8, 0])
    for (const colour of known)
      if (kept.length < most && kept.every((other) => apart(colour, other) > least)) kept.push(colour);
  const nearest = new Map(known.map((colour) => [colour, kept.reduce((best, other, at) =>
    apart(colour, other) < apart(colour, kept[best]) ? at : best, 0)]));
  const places = [];
  for (let i = 0; i < data.length; i += 4) places.push(nearest.get(data[i] << 16 | data[i + 1] << 8 | data[i + 2]));
  return [kept, places];
}"""


def main() -> None:
    """Draw all of them."""
    CARDS.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for state in ("neutral", *ComponentStatus):
            for language in (*spoken(), ""):
                path = CARDS / f"{state}{f'-{language}' if language else ''}.png"
                path.write_bytes(_small_png(*_draw(page, state, language)))
        browser.close()


def _draw(page: Page, state: str, language: str) -> tuple[list[int], list[int]]:
    page.set_content(_html(state, language))
    page.wait_for_timeout(100)
    url = "data:image/png;base64," + base64.b64encode(page.screenshot()).decode()
    drawn: Any = page.evaluate(_FEW_COLOURS, [url, COLOURS])
    return drawn[0], drawn[1]


def _html(state: str, language: str) -> str:
    colours, words = palettes()[0], NEUTRAL.get(language, "")
    ground, mark, icon = colours["bg"], colours["soft"], _PULSE
    if state != "neutral":
        name = _NAMES[ComponentStatus(state)]
        ground, mark = colours[f"{name}-bg"], colours[name]
        icon = str(environment("en").filters["icon"](state))
        level = next(level for level, colour in HEADLINE_COLOUR.items() if colour == state)
        words = headline_words(level, language) if language else ""
    return _PAGE.format(
        language=language or "en", direction=direction(language or "en"), place="start" if words else "center",
        ground=ground, ink=colours["ink"], mark=mark, icon=icon, words=f"<div>{words}</div>" if words else "",
    )  # fmt: skip


def _small_png(colours: list[int], places: list[int]) -> bytes:
    """Write a PNG of 16 colours, four bits a pixel."""
    rows = bytearray()
    for start in range(0, WIDTH * HEIGHT, WIDTH):
        row = places[start : start + WIDTH]
        rows += b"\0" + bytes(left << 4 | right for left, right in zip(row[::2], row[1::2], strict=True))
    table = b"".join(colour.to_bytes(3, "big") for colour in colours)
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 4, 3, 0, 0, 0)
    chunks = (b"IHDR", header), (b"PLTE", table), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


if __name__ == "__main__":
    main()
