"""The owner's command takes the page elsewhere: real programs, without a shell, until it works, never in the way."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.page.courier import Courier, without_secrets

SOON = timedelta(milliseconds=20)
Hire = Callable[..., Courier]


@pytest.fixture
async def hire() -> AsyncIterator[Hire]:
    hired: list[Courier] = []

    def make(*command: str, timeout: timedelta = timedelta(seconds=20)) -> Courier:
        hired.append(Courier("kiosk", command, timeout=timeout, first_wait=SOON))
        return hired[-1]

    yield make
    for courier in hired:
        await courier.close()


@pytest.fixture
def version(tmp_path: Path) -> Path:
    made = tmp_path / "versions" / "abc"
    made.mkdir(parents=True)
    (made / "index.html").write_text("the page")
    return made


def send(courier: Courier, version: Path) -> None:
    courier.newest = version
    courier.go()


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program, "{dir}")


async def until(wanted: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not wanted():  # noqa: ASYNC110 - it looks at files and processes
            await asyncio.sleep(0.01)


async def test_the_command_gets_the_folder_and_copies_it(hire: Hire, version: Path, tmp_path: Path) -> None:
    courier = hire("cp", "-a", "{dir}/.", str(tmp_path / "elsewhere"))
    send(courier, version)
    await courier.idle()
    assert (tmp_path / "elsewhere" / "index.html").read_text() == "the page"
    assert courier.failing is None
    assert courier.carrying is None


async def test_no_shell_reads_the_command(hire: Hire, version: Path, tmp_path: Path) -> None:
    note = tmp_path / "note"
    program = f"import sys, pathlib; pathlib.Path({str(note)!r}).write_text('|'.join(sys.argv[2:]))"
    courier = hire(sys.executable, "-c", program, "{dir}", "$HOME; touch x", "* `id`")
    send(courier, version)
    await courier.idle()
    assert note.read_text() == "$HOME; touch x|* `id`"


async def test_it_tries_again_until_it_works_and_says_so_once(
    hire: Hire, version: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "app.page.courier")
    gate = tmp_path / "gate"
    program = f"import os, sys; sys.exit(0 if os.path.exists({str(gate)!r}) else 'no route to host')"
    courier = hire(*python(program))
    send(courier, version)
    await until(lambda: courier.failing is not None)
    assert courier.failing == f"{sys.executable} ended with 1 (no route to host)"
    assert courier.carrying == version, "it must not be removed meanwhile"
    gate.touch()
    await courier.idle()
    assert courier.failing is None
    said = [(line.levelname, line.getMessage().split(":")[0]) for line in caplog.records]
    assert said == [("ERROR", "the page kiosk is not carried on"), ("INFO", "the page kiosk is carried on again")]


async def test_while_it_is_busy_only_the_newest_waits(hire: Hire, version: Path, tmp_path: Path) -> None:
    note, gate = tmp_path / "note", tmp_path / "gate"
    program = (
        f"import os, sys, time\nopen({str(note)!r}, 'a').write(os.path.basename(sys.argv[1]) + ' ')\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(.01)"
    )
    courier = hire(*python(program))
    send(courier, version)
    await until(note.exists)
    for name in ("second", "third"):
        (version.parent / name).mkdir()
        send(courier, version.parent / name)
    gate.touch()
    await courier.idle()
    assert note.read_text().split() == ["abc", "third"]


async def test_a_command_that_hangs_is_ended_with_its_children(hire: Hire, version: Path, tmp_path: Path) -> None:
    note = tmp_path / "child"
    program = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid)); time.sleep(600)"
    )
    courier = hire(*python(program), timeout=timedelta(seconds=3))
    send(courier, version)
    await until(lambda: courier.failing is not None)
    assert courier.failing == f"{sys.executable} did not end within 3 s"
    await courier.close()
    child = int(note.read_text())
    await until(lambda: not _is_running(child))


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


async def test_a_program_that_is_not_there_is_said_plainly(hire: Hire, version: Path) -> None:
    courier = hire("/no/such/program", "{dir}")
    send(courier, version)
    await until(lambda: courier.failing is not None)
    assert courier.failing == "/no/such/program cannot be started: No such file or directory"


async def test_it_never_waits_for_an_answer_from_the_keyboard(hire: Hire, version: Path) -> None:
    courier = hire(*python("import sys; sys.exit(len(sys.stdin.read()))"))
    send(courier, version)
    await courier.idle()
    assert courier.failing is None


async def test_our_secrets_stay_here(
    hire: Hire, version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_SLACK_BOT_TOKEN", "xoxb-secret")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    note = tmp_path / "note"
    courier = hire(*python(f"import os; open({str(note)!r}, 'w').write(repr(dict(os.environ)))"))
    send(courier, version)
    await courier.idle()
    assert "xoxb-secret" not in note.read_text()
    assert "/run/agent" in note.read_text()
    assert "HUBBUB_SLACK_BOT_TOKEN" not in without_secrets(os.environ)


async def test_closing_ends_what_is_under_way(hire: Hire, version: Path) -> None:
    courier = hire(*python("import time; time.sleep(600)"))
    send(courier, version)
    await asyncio.sleep(0.2)
    await courier.close()
    assert courier.task is not None
    assert courier.task.done()
