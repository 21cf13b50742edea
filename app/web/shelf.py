"""Files of the page kept in memory as they are sent, and looked at on disk each time: what is published anew is seen.

A thread that opens and reads the file, and compressing it, cost more than everything else about an answer.
"""

from __future__ import annotations

import gzip
import math
import os
import stat
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path

from multidict import CIMultiDict

MOST = 32_000_000  # bytes of all copies together; what was asked for least recently goes first
LARGEST = 2_000_000  # bytes of a file (packed in some 15 ms); what is larger is sent from the disk
_EACH = 2_000  # bytes that a copy takes beside its content, so that many empty ones count as well
# Two writes within one tick of the file system's clock (at most 10 ms) can leave the same time and size behind.
_SETTLED = 50_000_000  # nanoseconds
_SAVES = 0.9  # a packed text must be smaller than this share of the plain one

Key = tuple[Path, str]  # the folder of a page, the path as it was asked for
Stamp = tuple[int, int, int, int]
Headers = CIMultiDict[str]


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent one way: plain, or packed with gzip."""

    content: bytes
    headers: Headers


@dataclass(frozen=True, slots=True)
class Copy:
    """One file as it is sent."""

    file: Path
    stamp: Stamp
    tag: str  # of the content; the ETag of the packed one is a weak form of it
    plain: Body
    packed: Body | None = None

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.plain.content) + (len(self.packed.content) if self.packed is not None else 0) + _EACH


@dataclass(slots=True)
class Shelf:
    """Keeps copies by what was asked for; `headers` gives those of a file, `packs` says whether it is a text."""

    headers: Callable[[Path], dict[str, str]]
    packs: Callable[[Path], bool]
    most: int = MOST
    size: int = 0
    copies: OrderedDict[Key, Copy] = field(default_factory=OrderedDict)

    def take(self, key: Key) -> Copy | None:
        """Give what is kept, if the file is still the one that was read."""
        copy = self.copies.get(key)
        if copy is None:
            return None
        try:
            if _stamp(copy.file.stat()) == copy.stamp:
                self.copies.move_to_end(key)
                return copy
        except OSError:  # gone
            pass
        self._drop(key)
        return None

    def put(self, key: Key, file: Path) -> Copy | None:
        """Read a file and keep it; None for one that is too large. Raises OSError when it cannot be read."""
        with file.open("rb") as opened:
            known = os.fstat(opened.fileno())
            if known.st_size > LARGEST or not stat.S_ISREG(known.st_mode):
                return None
            content = opened.read()
        copy = self._copy(file, content, known)
        if time.time_ns() - known.st_mtime_ns > _SETTLED and len(content) == known.st_size:
            self._keep(key, copy)
        return copy

    def _copy(self, file: Path, content: bytes, known: os.stat_result) -> Copy:
        tag = f"{known.st_mtime_ns:x}-{known.st_size:x}"
        headers = Headers(self.headers(file))
        # Rounded up: whoever asks with this date again must not be older than the file.
        changed = formatdate(math.ceil(known.st_mtime), usegmt=True)
        headers.update({"Accept-Ranges": "bytes", "Last-Modified": changed})
        plain = Headers(headers, ETag=f'"{tag}"')
        small = gzip.compress(content, 6, mtime=0) if self.packs(file) else content
        packed = None
        if len(small) < _SAVES * len(content):
            packed = Body(small, Headers(headers, ETag=f'W/"{tag}"', **{"Content-Encoding": "gzip"}))
        return Copy(file, _stamp(known), tag, Body(content, plain), packed)

    def _keep(self, key: Key, copy: Copy) -> None:
        self._drop(key)
        self.copies[key] = copy
        self.size += copy.size
        while self.size > self.most:
            self._drop(next(iter(self.copies)))

    def _drop(self, key: Key) -> None:
        copy = self.copies.pop(key, None)
        self.size -= copy.size if copy is not None else 0


def _stamp(known: os.stat_result) -> Stamp:
    return known.st_dev, known.st_ino, known.st_mtime_ns, known.st_size
