"""What the tests of the command line share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.app.cli.running import Hubbub


@pytest.fixture
def hubbub(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hubbub:
    """The command line in an empty folder, without any HUBBUB_* variable of this machine."""
    for name in [name for name in os.environ if name.startswith("HUBBUB_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return Hubbub(capsys, tmp_path)
