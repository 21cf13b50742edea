"""`kill -9` in the middle of the demo: started again on the same folder, nothing is lost and nothing is doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MINUTES = 2880


def play(data: Path, report: Path) -> subprocess.Popen[bytes]:
    """Start the demo at once on a folder."""
    command = [sys.executable, "-m", "app.cli.main", "demo", "--once", "--data", str(data), "--report", str(report)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def minute_of(data: Path) -> int:
    """Read how far the clock of a running demo is."""
    try:
        kept = json.loads((data / "clock.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return -1
    from datetime import datetime

    gone = datetime.fromisoformat(kept["moment"]) - datetime.fromisoformat(kept["start"])
    return int(gone.total_seconds() // 60)


def kill_at(process: subprocess.Popen[bytes], data: Path, minute: int) -> None:
    """Wait until the scenario has come to a minute, then kill without warning."""
    end = time.monotonic() + 300
    while minute_of(data) < minute:
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        assert time.monotonic() < end, f"minute {minute} was not reached"
        time.sleep(0.003)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


@pytest.mark.slow
def test_five_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    data, report = tmp_path / "data", tmp_path / "report.json"
    # During the delivery problem, while a source is down, at the first payment complaints, between declare and
    # approval, and while follow-ups leave.
    for minute in (840, 1345, 2196, 2206, 2294):
        process = play(data, report)
        kill_at(process, data, minute)
        assert not report.exists()
    last = play(data, report)
    _, said = last.communicate(timeout=600)
    assert last.returncode == 0, said.decode()
    found = json.loads(report.read_text(encoding="utf-8"))
    assert (found["lost"], found["doubled"], found["errors"]) == (0, 0, 0), found
    assert found["stored"] == found["mentions"] == found["classified"]
    assert found["incidents"] >= 1 and found["follow_ups_sent"] > 0
