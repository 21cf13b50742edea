"""`hubbub bounces` where the mail server starts it: in a folder of its own."""

from __future__ import annotations

import io
import sys

import pytest

from tests.app.cli.running import Hubbub


def test_without_a_database_none_is_made(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Subject: Undelivered\n\nno such user\n")))
    code, out, err = hubbub("bounces", "-c", hubbub.config)
    assert (code, out) == (2, "")
    assert "does not exist, so it has no subscribers" in err
    assert not (hubbub.folder / "hubbub.db").exists()
