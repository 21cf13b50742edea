"""Draw the trade-off curve of the outage detector: `python -m bench.picture curve.json docs/images/detection.svg`."""

from __future__ import annotations

import json
import sys
from math import log10
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 380, 70, 30, 70, 60
LOWEST, HIGHEST = 0.03, 16.0  # false alarms per component and 30 days
LONGEST = 30.0  # minutes
MARKS = (("low", 13.0), ("normal", 10.2), ("high", 8.0))
STYLE = """
text{font:13px system-ui,sans-serif;fill:#334155}.axis{stroke:#94a3b8}.grid{stroke:#e2e8f0}
.recall{stroke:#0f766e;fill:none;stroke-width:3}.delay{stroke:#b45309;fill:none;stroke-width:3;stroke-dasharray:7 5}
.mark{stroke:#475569;stroke-dasharray:2 4}.dot{fill:#0f766e}
"""


def draw(curve: list[dict[str, float]]) -> str:
    """Draw recall (left axis) and median delay (right axis) over the false alarms (logarithmic)."""
    seen = [point for point in curve if LOWEST <= point["false_alarms"] <= HIGHEST]
    recall = [(_x(p["false_alarms"]), _y(p["recall"])) for p in seen]
    delay = [(_x(p["false_alarms"]), _y(min(p["delay"], LONGEST) / LONGEST)) for p in seen]
    title = "Recall and median delay of outages over false alarms per component and 30 days"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">',
        f"<title>{title}</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        *_axes(),
        *(_mark(name, threshold, curve) for name, threshold in MARKS),
        f'<polyline class="recall" points="{_points(recall)}"/>',
        f'<polyline class="delay" points="{_points(delay)}"/>',
        f'<text x="{LEFT}" y="18">recall (solid)</text>',
        f'<text x="{WIDTH - RIGHT}" y="18" text-anchor="end">median delay, minutes (dashed)</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes() -> list[str]:
    lines = []
    for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        y = _y(share)
        lines.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.1f}</text>')
        lines.append(f'<text x="{WIDTH - RIGHT + 8}" y="{y + 4:.1f}">{share * LONGEST:.0f}</text>')
    for alarms in (0.03, 0.1, 0.25, 1, 4, 16):
        x, foot = _x(alarms), HEIGHT - BOTTOM
        lines.append(f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{foot}" y2="{foot + 5}"/>')
        lines.append(f'<text x="{x:.1f}" y="{foot + 20}" text-anchor="middle">{alarms:g}</text>')
    label = "false alarms per component and 30 days"
    lines.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{label}</text>')
    return lines


def _mark(name: str, threshold: float, curve: list[dict[str, float]]) -> str:
    nearest = min(curve, key=lambda point: abs(point["threshold"] - threshold))
    x, y = _x(max(nearest["false_alarms"], LOWEST)), _y(nearest["recall"])
    return (
        f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
        f'<text x="{x + 5:.1f}" y="{HEIGHT - BOTTOM - 8}">&#8220;{name}&#8221;</text>'
    )


def _x(alarms: float) -> float:
    part = (log10(alarms) - log10(LOWEST)) / (log10(HIGHEST) - log10(LOWEST))
    return LEFT + part * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _points(pairs: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(json.loads(Path(sys.argv[1]).read_text())))
