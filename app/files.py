"""Files that are never half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from domain.errors import ServiceError


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put `content` in the place of `path` in one step; `durable` also survives a power cut.

    Raises ServiceError when the disk refuses.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as err:
        raise ServiceError(f"{path}: cannot be written ({err.strerror})") from err
