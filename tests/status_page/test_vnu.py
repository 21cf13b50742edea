"""Every page is valid HTML by the checker of the W3C (Nu, vnu.jar from npm's vnu-jar; VNU_JAR names the file)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from status_page.look.logo import read_logo
from status_page.look.theme import Look
from status_page.pages.reports import EVERYTHING, SLOTS, Line, Reports
from status_page.render import Site, render_site
from tests.status_page.builders import NOW, incident, minutes, resolved, site
from tests.status_page.look.test_look import SVG
from tests.status_page.works import called_off, done, going_on, work


def vnu() -> list[str]:
    """Give the command of the checker, or skip with the reason."""
    jar = os.environ.get("VNU_JAR", "")
    if not Path(jar).is_file() or shutil.which("java") is None:
        pytest.skip("VNU_JAR does not name vnu.jar, or Java is not installed")
    return ["java", "-jar", jar, "--skip-non-html", "--format", "json", "--exit-zero-always"]


def full() -> list[Site]:
    """Make sites that show everything there is; the words of one story have the ids of another's in these tests."""
    busy = Line((2,) * 46 + (20, 27), (4.0,) * SLOTS, 47)
    old = [resolved(f"inc_{n}", NOW - minutes(60 * 24 * 30 * n)) for n in range(1, 6)]
    look = Look(logo=read_logo("logo.svg", SVG), logo_dark=read_logo("logo.svg", SVG))
    reports = Reports(NOW - minutes(47 * 30), {EVERYTHING: busy, "payments": busy})
    return [
        site(incident(id="inc_open"), *old, look=look, index=False, subscribe=True, reports=reports,
             planned=(work(), done(id="mnt_3"), called_off(id="mnt_4"))),
        site(planned=(going_on(),)),
        site(components=(), languages=("tr",), report_form=False),
    ]  # fmt: skip


@pytest.mark.slow
def test_the_checker_finds_no_error(tmp_path: Path) -> None:
    command = vnu()
    for place, made in enumerate(full()):
        for path, content in render_site(made).items():
            if path.endswith(".html"):
                (tmp_path / f"{place}" / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / f"{place}" / path).write_bytes(content)
    checked = subprocess.run([*command, str(tmp_path)], capture_output=True, text=True, check=True)
    told = json.loads(checked.stderr)["messages"]
    # A file is of no origin, so the checker thinks that 'self' would keep our own style away.
    assert [one for one in told if "Content Security Policy" not in one["message"]] == []
