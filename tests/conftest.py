"""What tests of several rooms share: a real browser, and a visitor of the files of a module's `address`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.status_page.surf import Surfer, browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as started:
        yield started


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Surfer]:
    """Open a file; whatever the browser complains about (a blocked style, too) or asks others for fails the test."""
    surfer = Surfer(chromium, address)
    yield surfer
    surfer.close()
