"""Runs a command of `hubbub` in this process, and writes settings for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.main import run_command

SETTINGS = """
brand: {{name: Acme, languages: [en, tr, fa]}}
store: sqlite:///{folder}/hubbub.db
components:
  - {{id: payments, names: {{en: Payments}}, keywords: {{en: [card]}}, kinds: [payment_billing]}}
sources:
  - {{type: replay, name: posts, options: {{path: {folder}/posts.jsonl, page: 2}}}}
page: {{out_dir: {folder}/site}}
"""


class Hubbub:
    """The command line, with what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys, self.folder = capsys, folder
        self.config = folder / "hubbub.yaml"
        self.config.write_text(SETTINGS.format(folder=folder))

    def __call__(self, *arguments: str | Path) -> tuple[int, str, str]:
        """Run one command; give its exit code, stdout and stderr."""
        self._capsys.readouterr()
        code = run_command([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err
