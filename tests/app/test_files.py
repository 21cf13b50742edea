"""Files are never half written."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.files import write_atomically
from domain.errors import ServiceError


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    path = tmp_path / "cursor"
    for content in (b"one", "دو".encode()):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert [found.name for found in tmp_path.iterdir()] == ["cursor"]


def test_when_the_disk_refuses_the_old_file_stays_and_nothing_is_left_behind(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    (place / "inner").mkdir(parents=True)
    with pytest.raises(ServiceError, match="taken: cannot be written"):
        write_atomically(place, b"new")
    assert [found.name for found in tmp_path.iterdir()] == ["taken"]
    with pytest.raises(ServiceError, match="cannot be written"):
        write_atomically(tmp_path / "no folder" / "x", b"new")
