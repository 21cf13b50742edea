"""What was acknowledged is there after kill -9; what cannot be opened is said in one sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.standin.ledger import one_write, open_ledger
from app.standin.slack.workspace import Workspace
from domain.errors import ConfigError
from tests.app.standin.world import USERS, Clock

ROOT = Path(__file__).parents[3]
WRITER = """
import sys
from pathlib import Path
from app.standin.slack.workspace import Workspace
from tests.app.standin.world import USERS, Clock
space = Workspace(Path(sys.argv[1]), ["care"], USERS, Clock())
channel = space.channel("care").id
while True:
    print(space.add(channel, {"text": "x"})["ts"], flush=True)
"""


def test_every_acknowledged_message_survives_kill_9(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "slack.db")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().strip() for _ in range(200)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.strip() for line in writer.stdout.read().splitlines() if line.count(".") == 1]
    space = Workspace(tmp_path / "slack.db", ["care"], USERS, Clock())
    kept = {message["ts"] for message in space.history(space.channel("care").id, limit=10**6)}
    lost = [ts for ts in acknowledged if ts not in kept]
    assert lost[:-1] == []  # the very last line may be cut in the pipe
    assert space.add(space.channel("care").id, {"text": "after"})["ts"] > max(kept)
    space.close()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    db = open_ledger(tmp_path / "x.db", "CREATE TABLE t (a)")
    with pytest.raises(ValueError, match="stop"), one_write(db):
        db.execute("INSERT INTO t VALUES (1)")
        raise ValueError("stop")
    assert db.execute("SELECT COUNT(*) FROM t").fetchone()[0] == 0
    db.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database at all, " * 50)
    with pytest.raises(ConfigError, match=r"x\.db cannot be opened"):
        open_ledger(tmp_path / "x.db", "CREATE TABLE t (a)")
