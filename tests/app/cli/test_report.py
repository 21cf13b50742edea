"""`hubbub report incident` and `hubbub report scorecard`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from app.store import open_store
from tests.app.cli.running import Hubbub
from tests.domain.make import incident, word
from tests.domain.review.review_story import at, records, story


def keep(hubbub: Hubbub, *kept: Any) -> None:
    """Put records into the store of the settings; without any, the store is empty."""

    async def run() -> None:
        store = await open_store(f"sqlite:///{hubbub.folder}/hubbub.db")
        await store.add(*kept)
        await store.close()

    asyncio.run(run())


@pytest.fixture
def lived(hubbub: Hubbub) -> Hubbub:
    """The story of tests/domain/review_story.py is in the store."""
    keep(hubbub, *records(story()), incident(word(at=at(50)), id="inc_2", merged_into="inc_1"))
    return hubbub


def test_a_review_is_printed_as_markdown(lived: Hubbub) -> None:
    code, out, err = lived("report", "incident", "inc_1", "-c", lived.config)
    assert (code, err) == (0, "")
    assert out.startswith("# Payments fail\n\nAcme: what customers saw, what we said. inc_1;")
    assert "| First complaint to public word | 10 min | 3 people waited by then |" in out
    assert "- Components: Payments 4" in out


@pytest.mark.parametrize(
    ("asked", "name", "begins"),
    [
        ((), "review.html", "<!doctype html>"), ((), "review.md", "# Payments fail"), ((), "review.json", "{"),
        (("--format", "html"), "review.txt", "<!doctype html>"), ((), "review.txt", "# Payments fail"),
    ],
)  # fmt: skip
def test_the_file_is_written_as_it_ends_or_as_asked(
    lived: Hubbub, tmp_path: Path, asked: tuple[str, ...], name: str, begins: str
) -> None:
    code, out, err = lived("report", "incident", "inc_1", *asked, "--out", tmp_path / name, "-c", lived.config)
    assert (code, out) == (0, "")
    assert name in err
    assert (tmp_path / name).read_text().startswith(begins)


def test_json_is_printed_for_other_tools(lived: Hubbub) -> None:
    code, out, _ = lived("report", "incident", "inc_1", "--format", "json", "-c", lived.config)
    assert code == 0
    assert json.loads(out)["minutes_from_first_complaint"]["public_word"] == 10


def test_the_scorecard_takes_the_days_that_were_asked_for(lived: Hubbub) -> None:
    code, out, _ = lived("report", "scorecard", "--days", "3650", "-c", lived.config)
    assert code == 0
    assert "| First complaint to public word | 10 min | median |" in out
    assert "| Payments fail | 06 Mar 2026 16:45 |" in out
    recent = lived("report", "scorecard", "--days", "1", "--format", "html", "-c", lived.config)[1]
    assert "No incident was declared in this time." in recent


@pytest.mark.parametrize(
    ("id", "sentence"),
    [
        (
            "inc_x",
            "hubbub: There is no incident 'inc_x'. The newest are: inc_1 (Payments fail), inc_2 (Payments fail).\n",
        ),
        ("inc_2", "hubbub: inc_2 was merged into inc_1 (Payments fail), which tells its story; ask for that one.\n"),
    ],
)
def test_an_incident_that_cannot_be_told_is_one_sentence(lived: Hubbub, id: str, sentence: str) -> None:
    assert lived("report", "incident", id, "-c", lived.config) == (1, "", sentence)


@pytest.mark.parametrize("asked", [("incident", "inc_1"), ("scorecard",)])
def test_an_empty_store_is_one_sentence(hubbub: Hubbub, asked: tuple[str, ...]) -> None:
    keep(hubbub)
    code, out, err = hubbub("report", *asked, "-c", hubbub.config)
    assert (code, out, err) == (1, "", "hubbub: No incident was ever declared, so there is nothing to report.\n")


@pytest.mark.parametrize("asked", [("incident", "inc_1"), ("scorecard",)])
def test_without_a_database_none_is_made(hubbub: Hubbub, asked: tuple[str, ...]) -> None:
    code, out, err = hubbub("report", *asked, "-c", hubbub.config)
    assert (code, out) == (2, "")
    assert "does not exist, so there is nothing to report" in err
    assert not (hubbub.folder / "hubbub.db").exists()


def test_an_unknown_format_and_a_folder_that_is_not_there_are_named(lived: Hubbub, tmp_path: Path) -> None:
    code, _, err = lived("report", "incident", "inc_1", "--format", "pdf", "-c", lived.config)
    assert code == 2
    assert "pdf" in err
    code, _, err = lived("report", "incident", "inc_1", "--out", tmp_path / "no" / "r.html", "-c", lived.config)
    assert code == 1
    assert "cannot be written" in err
