"""The entrance: a user's mistake is one sentence and exit code 2, a failure 1, never a traceback."""

from __future__ import annotations

import logging
import sys

import pytest
import typer

from app.cli import main as entrance
from domain.errors import ConfigError, TemporaryError
from tests.app.cli.running import Hubbub

COMMANDS = {"init", "check-config", "run", "demo", "fetch", "classify", "render", "doctor"}


def test_help_names_every_command(hubbub: Hubbub) -> None:
    code, out, _ = hubbub("--help")
    assert code == 0
    assert all(command in out for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments", [["dance"], ["fetch"], ["classify", "--threads", "0"], ["render", "--nonsense"], ["run", "-c"]]
)
def test_a_wrong_command_line_is_one_sentence_and_code_2(hubbub: Hubbub, arguments: list[str]) -> None:
    code, out, err = hubbub(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("hubbub: ")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("command", [["check-config"], ["run"], ["fetch", "x"], ["render", "out"], ["doctor"]])
def test_settings_that_are_not_there_are_code_2(hubbub: Hubbub, command: list[str]) -> None:
    code, _, err = hubbub(*command, "-c", "none.yaml")
    assert (code, err) == (2, "hubbub: none.yaml: there is no such file; `hubbub init` writes one\n")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigError("a: is wrong", "b: is wrong"), 2, "hubbub: a: is wrong\nb: is wrong\n"),
        (TemporaryError("The database does not answer."), 1, "hubbub: The database does not answer.\n"),
        (KeyboardInterrupt(), 130, ""),
        (typer.Abort(), 130, "hubbub: stopped\n"),
        (typer.Exit(3), 3, ""),
        (BrokenPipeError(), 1, ""),
    ],
)
def test_each_way_to_end_has_its_code(
    hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    app = typer.Typer()

    @app.command()
    def fails() -> None:
        raise error

    @app.command()
    def other() -> None: ...

    monkeypatch.setattr(entrance, "make_app", lambda asked: app)
    monkeypatch.setattr(sys, "stdout", sys.stdout)  # put back afterwards: a broken pipe closes it
    ended, _, err = hubbub("fails")
    assert (ended, err) == (code, said)


@pytest.mark.parametrize(("level", "known"), [("DEBUG", logging.DEBUG), ("warning", 30), ("nonsense", logging.INFO)])
def test_the_log_level_is_the_users(level: str, known: int) -> None:
    root = logging.getLogger()
    handlers, before = root.handlers[:], root.level
    try:
        entrance.set_up_logs(level)
        assert logging.getLogger("app").level == known
        assert root.level == logging.WARNING
    finally:
        root.handlers[:] = handlers
        root.setLevel(before)
        for room in ("app", "listener", "sentiment", "alerts", "status_page", "config"):
            logging.getLogger(room).setLevel(logging.NOTSET)
