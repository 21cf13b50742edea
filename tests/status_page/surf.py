"""Debian's Chromium over the page as plain files: served by Python's own file server, with no hubbub behind it."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@contextmanager
def browser() -> Iterator[Any]:
    """Start the browser, or skip with the reason."""
    if not Path(CHROMIUM).exists():
        if os.environ.get("HUBBUB_REQUIRE_REAL_PARTS") == "1":
            pytest.fail("chromium is not installed")
        pytest.skip("chromium is not installed")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port and give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Surfer:
    """Opens pages; whatever the browser complains about and whomever it asks is remembered."""

    def __init__(self, browser: Any, address: str) -> None:
        """Surf the site at `address`."""
        self._browser, self._address = browser, address
        self._contexts: list[Any] = []
        self.complaints: list[str] = []
        self.asked: list[str] = []

    def __call__(self, path: str, **settings: Any) -> Any:
        """Open a page of the site in a fresh browser."""
        context = self._browser.new_context(**{"timezone_id": "Europe/Istanbul", **settings})
        self._contexts.append(context)
        opened = context.new_page()
        opened.on("console", lambda message: self.complaints.append(message.text))
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        opened.on("request", lambda request: self.asked.append(request.url))
        opened.goto(f"{self._address}/{path}")
        return opened

    def close(self) -> None:
        """Close every page; complaints and requests to others fail the test."""
        for context in self._contexts:
            context.close()
        assert self.complaints == []
        assert [url for url in self.asked if not url.startswith((self._address, "data:"))] == []
