"""A real server that speaks MongoDB's wire protocol, for tests: started once per run, in a process of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pymongo
import pytest

START_SECONDS = 20
PROGRAM = "secantusd-py"  # not its sibling secantusd-rs: 0.6.0b17 keeps a unique key taken after an update freed it
_FLAGS = ["--sync-on-commit", "--cache-size", "256M"]  # without the first it may lose acknowledged writes


class CannotStart(Exception):
    """This server is not installed or did not come up; the message says why."""


@pytest.fixture(scope="session")
def mongo_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the URI of a database of our own: at HUBBUB_TEST_MONGO_URI, else at a server that is started here.

    Without either the test is skipped, or fails where HUBBUB_REQUIRE_REAL_PARTS=1.
    """
    if given := os.environ.get("HUBBUB_TEST_MONGO_URI"):
        yield from _database(given)
        return
    try:
        process, uri = start(tmp_path_factory.mktemp("mongo"))
    except CannotStart as err:
        require_or_skip(f"no MongoDB-wire server: HUBBUB_TEST_MONGO_URI is not set and {err}")
        return
    try:
        yield from _database(uri)
    finally:
        stop(process)


def require_or_skip(reason: str) -> None:
    """Skip the test, or fail it where all real parts are required."""
    if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def start(home: Path, program: str = PROGRAM) -> tuple[subprocess.Popen[bytes], str]:
    """Start a server on a free port with its data in `home` and wait until it says where it listens."""
    path = shutil.which(program, path=str(Path(sys.executable).parent)) or shutil.which(program)
    if path is None:
        raise CannotStart(f"{program} is not installed")
    log = home / "log"
    command = [path, "--port", "0", "--storage-path", str(home / "data"), *_FLAGS]
    with log.open("wb") as out:
        # Its own folder: it would take settings from a secantusd.toml in the current one.
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=home)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(rb"127\.0\.0\.1:(\d+)", log.read_bytes()):
            return process, f"mongodb://127.0.0.1:{int(found[1])}"
        time.sleep(0.05)
    stop(process)
    raise CannotStart(f"{program} did not come up: {log.read_text(errors='replace')[-300:]}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server we started."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def with_database(uri: str, name: str) -> str:
    """Put the name of a database into a MongoDB URI."""
    return urlunsplit(urlsplit(uri)._replace(path=f"/{name}"))


def _database(uri: str) -> Iterator[str]:
    name = f"hubbub_test_{uuid.uuid4().hex[:12]}"
    yield with_database(uri, name)
    with pymongo.MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=2000) as client:
        client.drop_database(name)
