"""`hubbub fetch`: what one source says, as JSON lines; the cursor moves only behind what was printed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.cli import fetch as command
from domain.heard.mention import Batch, SetAside, mention_id
from listener.items import Origin
from listener.sources.replay import mention_line, parse_lines
from tests.app.cli.running import Hubbub
from tests.domain.make import NOW, mention

POSTS = [
    replace(
        mention(f"پست {n}: card declined", str(n)), id=mention_id("posts", str(n)), source="posts",
        contact="z@mail.example" if n == 0 else None,
    )
    for n in range(5)
]  # fmt: skip


@pytest.fixture(autouse=True)
def posts(hubbub: Hubbub) -> Path:
    """Five posts in a file, two to a page."""
    path = hubbub.folder / "posts.jsonl"
    path.write_text("".join(json.dumps(mention_line(post)) + "\n" for post in POSTS))
    return path


def natives(out: str) -> list[str]:
    return [json.loads(line)["native_id"] for line in out.splitlines()]


def test_one_page_is_printed_word_for_word(hubbub: Hubbub) -> None:
    code, out, err = hubbub("fetch", "posts", "-c", hubbub.config)
    assert (code, err, natives(out)) == (0, "", ["0", "1"])
    assert "پست 0" in out
    assert json.loads(out.splitlines()[0])["author"]["handle"] == "zeynep"


def test_what_it_prints_can_be_played_again(hubbub: Hubbub) -> None:
    _, out, _ = hubbub("fetch", "posts", "-c", hubbub.config)
    again = parse_lines(out.encode().splitlines(), Origin("posts", "replay", NOW, frozenset()))
    assert again.mentions == tuple(POSTS[:2])


def test_the_cursor_goes_on_where_it_stopped(hubbub: Hubbub) -> None:
    asked = ["fetch", "posts", "-c", hubbub.config, "--cursor", "at"]
    assert [natives(hubbub(*asked)[1]) for _ in range(4)] == [["0", "1"], ["2", "3"], ["4"], []]


def test_all_goes_to_the_last_page(hubbub: Hubbub) -> None:
    assert natives(hubbub("fetch", "posts", "-c", hubbub.config, "--all")[1]) == ["0", "1", "2", "3", "4"]


def test_the_cursor_stays_while_the_page_was_not_printed(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> int:
            raise BrokenPipeError

        def flush(self) -> None: ...

    with monkeypatch.context() as patched:
        patched.setattr(command.sys, "stdout", Closed())
        assert hubbub("fetch", "posts", "-c", hubbub.config, "--cursor", "at")[0] == 1
    assert not Path("at").exists()
    assert natives(hubbub("fetch", "posts", "-c", hubbub.config, "--cursor", "at")[1]) == ["0", "1"]


async def test_a_source_that_fails_on_its_second_page_keeps_the_first(tmp_path: Path) -> None:
    class Source:
        name, type, every = "x", "x", None

        async def fetch(self, cursor: str | None) -> Batch:
            if cursor == "c1":
                raise RuntimeError("killed")
            return Batch((mention(),), "c1", (SetAside("{", "no JSON"),), more=True)

    source: Any = Source()
    with pytest.raises(RuntimeError):
        await command._print_pages(source, tmp_path / "at", 5)
    assert (tmp_path / "at").read_text() == "c1"


def test_a_line_that_cannot_be_read_is_said_on_stderr(hubbub: Hubbub, posts: Path) -> None:
    posts.write_text("nonsense\n" + posts.read_text())
    code, out, err = hubbub("fetch", "posts", "-c", hubbub.config)
    assert (code, natives(out)) == (0, ["0"])
    assert err == "hubbub: one item set aside: the line is no JSON\n"


def test_a_source_that_is_switched_off_can_still_be_asked(hubbub: Hubbub) -> None:
    hubbub.config.write_text(hubbub.config.read_text().replace("name: posts,", "name: posts, enabled: false,"))
    assert natives(hubbub("fetch", "posts", "-c", hubbub.config)[1]) == ["0", "1"]


def test_an_unknown_source_is_named_with_those_there_are(hubbub: Hubbub) -> None:
    code, _, err = hubbub("fetch", "twitter", "-c", hubbub.config)
    assert code == 2
    assert err == f"hubbub: {hubbub.config}: there is no source called twitter; known are: posts\n"


def test_a_source_that_does_not_answer_is_a_failure_in_one_sentence(hubbub: Hubbub, posts: Path) -> None:
    posts.unlink()
    code, out, err = hubbub("fetch", "posts", "-c", hubbub.config)
    assert (code, out, len(err.splitlines())) == (1, "", 1)


def test_a_cursor_that_cannot_be_read_is_said(hubbub: Hubbub) -> None:
    Path("at").write_bytes(b"\xff\xfe")
    code, _, err = hubbub("fetch", "posts", "-c", hubbub.config, "--cursor", "at")
    assert code == 2
    assert "the cursor cannot be read" in err
