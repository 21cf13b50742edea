"""`hubbub init`: settings that load, from flags or at most five questions, over nothing that is there."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.load import load_settings
from tests.app.cli.running import Hubbub

ROOT = Path(__file__).parents[3]


def test_flags_alone_write_settings_that_load(hubbub: Hubbub) -> None:
    flags = ["--brand", "Çarşı", "--languages", "tr,fa", "--slack", "http", "--public-url", "https://durum.example"]
    code, out, err = hubbub("init", "new.yaml", *flags)
    assert (code, err) == (0, "")
    assert out == "new.yaml: written. Next: hubbub check-config -c new.yaml, then hubbub run -c new.yaml\n"
    settings = load_settings(Path("new.yaml"))
    assert (settings.brand.name, settings.brand.languages, settings.slack.mode) == ("Çarşı", ("tr", "fa"), "http")
    assert settings.sources[1].options == {"query": "Çarşı"}


def test_what_it_wrote_passes_the_check(hubbub: Hubbub) -> None:
    hubbub("init", "new.yaml", "--brand", "Acme")
    assert hubbub("check-config", "-c", "new.yaml")[0] == 0


@pytest.mark.parametrize("brand", ['"; rm -rf /; "', "a: [b", "# x", "پیتزا", "{{x}}", "%s $x"])
def test_a_hostile_brand_is_only_a_name(hubbub: Hubbub, brand: str) -> None:
    assert hubbub("init", "new.yaml", "--brand", brand)[0] == 0
    assert load_settings(Path("new.yaml")).brand.name == brand


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([], "--brand: the brand needs a name"),
        (["--brand", "  "], "--brand: the brand needs a name"),
        (["--brand", "A", "--languages", "en,xx"], "--languages: choose from en, tr, fa, not xx"),
        (["--brand", "A", "--languages", ","], "--languages: choose from en, tr, fa, not nothing"),
        (["--brand", "A", "--slack", "maybe"], "slack.mode: "),
        (["--brand", "A", "--public-url", "nowhere"], "web.public_url: "),
        (["--brand", "A" * 81], "brand.name: "),
    ],
)
def test_a_wrong_answer_is_said_and_nothing_is_written(hubbub: Hubbub, flags: list[str], words: str) -> None:
    code, _, err = hubbub("init", "new.yaml", *flags)
    assert code == 2
    assert words in err
    assert sorted(path.name for path in hubbub.folder.iterdir()) == ["hubbub.yaml"]


def test_a_file_that_is_there_is_kept_unless_forced(hubbub: Hubbub) -> None:
    before = hubbub.config.read_text()
    code, _, err = hubbub("init", "hubbub.yaml", "--brand", "Other")
    assert (code, err) == (2, "hubbub: hubbub.yaml: is there already; --force overwrites it\n")
    hubbub("init", "hubbub.yaml", "--brand", "Other", "--slack", "maybe", "--force")
    assert hubbub.config.read_text() == before  # a bad answer must not cost the old settings
    assert hubbub("init", "hubbub.yaml", "--brand", "Other", "--force")[0] == 0
    assert load_settings(hubbub.config).brand.name == "Other"


def test_a_folder_that_is_not_there_is_said(hubbub: Hubbub) -> None:
    code, _, err = hubbub("init", "nowhere/new.yaml", "--brand", "A")
    assert code == 1
    assert "cannot be written" in err


def test_on_a_terminal_it_asks_five_questions_and_no_more(hubbub: Hubbub) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "app.cli.main", "init", str(hubbub.folder / "asked.yaml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment)
    os.close(theirs)
    said = talk(ours, [b"Acme\n", b"tr\n", b"\n", b"\n", b"\n"])
    assert process.wait(10) == 0
    assert said.count(b"]: ") + said.count(b"Name of the brand: ") == 5
    settings = load_settings(hubbub.folder / "asked.yaml")
    assert (settings.brand.name, settings.brand.languages, settings.slack.mode) == ("Acme", ("tr",), "off")


def talk(terminal: int, answers: list[bytes]) -> bytes:
    """Answer each question when it is asked; give all that was said."""
    said, end = b"", time.monotonic() + 30
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # the other side hung up
            break
        said += chunk
        if answers and said.endswith(b": "):
            os.write(terminal, answers.pop(0))
    os.close(terminal)
    return said
