"""Logs hide what a foreign error may quote of a customer."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from app.cli.main import set_up_logs


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_identifies_a_person_is_hidden_in_logs(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO")
    log = logging.getLogger("app.pipeline.polling")
    log.warning("source %s fails: could not read %r", "mastodon", "call 0532 123 45 67 or ali@mail.example")
    try:
        raise ValueError("bad amount: card 4111 1111 1111 1111")
    except ValueError:
        log.exception("round %s fails", "poll mastodon")
    said = capsys.readouterr().err
    assert "call [phone] or [mail]" in said
    assert "bad amount: card [card]" in said
    assert "0532" not in said and "4111" not in said and "ali@" not in said


def test_ids_times_and_addresses_of_machines_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs("INFO")
    log = logging.getLogger("app")
    line = "case_05321234567abcdef01 at 192.168.100.200:8080 until 2026-03-21 12:30 UTC, 10000000 rows"
    log.info("%s", line)
    assert line in capsys.readouterr().err
