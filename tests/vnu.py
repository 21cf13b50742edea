"""The checker of the W3C for HTML and CSS (Nu, https://validator.github.io/validator/, looked up 22 November 2026)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

JAR = "node_modules/vnu-jar/build/dist/vnu.jar"
# `.ci/run` puts it into the environment; `npm install vnu-jar` at the top is as good.
PLACES = (Path(".venv/vnu") / JAR, Path(JAR))
# Standard properties that the checker of September 2026 has not heard of.
_UNKNOWN = re.compile(r"CSS: “(vector-effect|field-sizing|line-clamp)”: Property “\1” doesn't exist\.")
# A file is of no origin, so the checker thinks that 'self' would keep our own style away.
_ORIGIN = "Content Security Policy"


def command() -> list[str]:
    """Give the command of the checker, or skip with the reason; VNU_JAR may name the file."""
    top = Path(__file__).parents[1]
    named = os.environ.get("VNU_JAR")
    jar = Path(named) if named else next((top / place for place in PLACES if (top / place).is_file()), None)
    if jar is None or not jar.is_file():
        pytest.skip("vnu.jar is not here: npm install --prefix .venv/vnu vnu-jar, or let VNU_JAR name it")
    java = shutil.which("java")
    if java is None:
        pytest.skip("Java is not installed: apt-get install default-jre-headless")
    return [java, "-Xss4m", "-jar", str(jar), "--skip-non-html", "--also-check-css", "--format", "json",
            "--exit-zero-always"]  # fmt: skip


def complaints(files: Mapping[str, bytes | str], folder: Path) -> list[str]:
    """Write files (path -> content) below a folder and give what the checker says of them, one line each."""
    run = command()
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
    checked = subprocess.run([*run, str(folder)], capture_output=True, text=True, check=True)
    told = json.loads(checked.stderr)["messages"]
    return sorted({_line(one, folder) for one in told if _counts(one["message"])})


def _counts(message: str) -> bool:
    return _ORIGIN not in message and _UNKNOWN.fullmatch(message) is None


def _line(one: Mapping[str, str], folder: Path) -> str:
    where = one.get("url", "").rpartition(f"{folder.name}/")[2]
    return f"{where}: {one['message']} {one.get('extract', '').strip()!r}"
