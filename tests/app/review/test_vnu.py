"""The HTML files, and the style they share with the desk, are valid by the checker of the W3C."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.review.html import TEMPLATES
from tests.app.review.test_html import FILES
from tests.vnu import complaints


@pytest.mark.slow
def test_the_checker_finds_no_error(tmp_path: Path) -> None:
    files = {f"{name}.html": text for name, text in FILES.items() if name != "hostile"}  # its languages have no names
    styles = {path.name: path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.css")}
    assert complaints(files | styles, tmp_path) == []
