"""Put the site on disk so that a visitor sees the old page or the new one, never a mix.

`out_dir/.versions/<hash>/` holds complete versions, `out_dir/.current` is a link to the one that shows, and each
name at the top (`index.html`, `en`, `api`, ...) is a link through `.current`: renaming that one link over switches
everything at once. Works in a directory that is there already (also a mount) and leaves files of others alone.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from domain.errors import PermanentError, ServiceError, TemporaryError

log = logging.getLogger(__name__)

KEEP = 3  # versions that stay, the one that shows included
OLD_ASSETS = 24  # of the version before, for pages that were fetched a moment ago
_VERSIONS, _CURRENT = ".versions", ".current"
_YIELDS = frozenset({"robots.txt"})  # ours gives way to one that somebody put there
# These do not pass by themselves: somebody has to change rights, a mount or a name.
_LASTING = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST,
                      errno.ENAMETOOLONG, errno.ELOOP})  # fmt: skip


def publish_site(files: Mapping[str, bytes], out_dir: Path, in_use: Path | None = None) -> Path:
    """Show `files` (relative path -> content) as the site below `out_dir`, all at once; raises ServiceError.

    Returns the folder of the version: plain files, no links, unchanged ones with the date they were made first, so that
    rsync and its kin send only what is new. A version `in_use` is not removed.
    When anything fails the old page stays as it was: PermanentError where a person must act, else TemporaryError.
    """
    _refuse_strange_paths(files)
    try:
        version = _write_version(files, out_dir)
        _switch(out_dir, version, {PurePosixPath(path).parts[0] for path in files})
    except OSError as err:
        raise _sentence(err, out_dir) from err
    _prune(out_dir, version, in_use)
    return out_dir / _VERSIONS / version


def _refuse_strange_paths(files: Mapping[str, bytes]) -> None:
    if "index.html" not in files:
        raise PermanentError("A site without index.html is not published; the old page stays.")
    for path in files:
        parts = PurePosixPath(path).parts
        if path.startswith("/") or ".." in parts or not parts or parts[0].startswith("."):
            raise PermanentError(f"The path {path[:80]!r} does not belong in a site; the old page stays.")


def _write_version(files: Mapping[str, bytes], out_dir: Path) -> str:
    """Write a complete version and give its name; nothing shows yet."""
    name = _fingerprint(files)
    versions = out_dir / _VERSIONS
    versions.mkdir(parents=True, exist_ok=True)
    if (versions / name).is_dir():
        return name
    draft = versions / f"draft-{os.getpid()}-{secrets.token_hex(4)}"
    try:
        _write_files(files, draft, out_dir / _CURRENT)
        _keep_old_assets(out_dir / _CURRENT / "assets", draft / "assets")
        draft.rename(versions / name)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not (versions / name).is_dir():  # else another process was faster with the same content
            raise
    return name


def _fingerprint(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{len(path)}:{path}:{len(files[path])}:".encode("utf-8", "surrogatepass"))
        digest.update(files[path])
    return digest.hexdigest()[:20]


def _write_files(files: Mapping[str, bytes], draft: Path, shown: Path) -> None:
    """Write the files of a version; one that the shown version has as well is the same file on disk."""
    for folder in sorted({draft / PurePosixPath(path).parent for path in files}):
        folder.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        if not _linked(shown / path, draft / path, content):
            (draft / path).write_bytes(content)


def _linked(known: Path, place: Path, content: bytes) -> bool:
    """Put a file that is there already in a second place, if it holds `content`; not every disk can do that."""
    try:
        if known.stat().st_size != len(content) or known.read_bytes() != content:
            return False
        os.link(known, place)
    except OSError:
        return False
    return True


def _keep_old_assets(old: Path, new: Path) -> None:
    """Keep what pages fetched a moment ago still ask for; the names carry a hash, so nothing clashes."""
    if not old.is_dir():
        return
    new.mkdir(exist_ok=True)
    for asset in sorted(old.iterdir(), key=lambda found: found.stat().st_mtime, reverse=True)[:OLD_ASSETS]:
        if not (new / asset.name).exists():
            shutil.copy2(asset, new / asset.name)


def _switch(out_dir: Path, version: str, names: Iterable[str]) -> None:
    ordered = sorted(names, key=lambda name: (name == "index.html", name))  # a first visitor finds all or nothing
    current = out_dir / _CURRENT
    ordered = [name for name in ordered if name not in _YIELDS or _is_ours(out_dir / name)]
    for name in ordered if current.is_symlink() else ():
        _link(out_dir / name, Path(_CURRENT) / name)
    _link(current, Path(_VERSIONS) / version)
    for name in ordered:
        _link(out_dir / name, Path(_CURRENT) / name)
    for left_over in _our_links(out_dir) - set(ordered):
        (out_dir / left_over).unlink(missing_ok=True)


def _link(place: Path, target: Path) -> None:
    """Make `place` a link to `target`, over whatever stood there, in one step."""
    if place.is_symlink() and place.readlink() == target:
        return
    if place.is_dir() and not place.is_symlink():
        place.rename(place.parent / _VERSIONS / f"replaced-{place.name}-{secrets.token_hex(4)}")
    fresh = place.parent / f".link-{os.getpid()}-{secrets.token_hex(4)}"
    fresh.symlink_to(target)
    try:
        fresh.replace(place)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _is_ours(place: Path) -> bool:
    return place.is_symlink() or not place.exists()


def _our_links(out_dir: Path) -> set[str]:
    return {
        found.name for found in out_dir.iterdir() if found.is_symlink() and found.readlink().parts[:1] == (_CURRENT,)
    }


def _prune(out_dir: Path, shown: str, in_use: Path | None) -> None:
    """Remove old versions and the drafts of crashed runs; what cannot be removed does not harm the page."""
    with suppress(OSError):
        os.utime(out_dir / _VERSIONS / shown)
        versions = sorted((out_dir / _VERSIONS).iterdir(), key=lambda found: found.stat().st_mtime, reverse=True)
        for old in [found for found in versions if not found.name.startswith("replaced-") and found != in_use][KEEP:]:
            shutil.rmtree(old, onerror=_not_removed)


def _not_removed(_function: object, path: str, _why: object) -> None:
    log.warning("an old version of the page could not be removed: %s", path)


def _sentence(err: OSError, out_dir: Path) -> ServiceError:
    message = f"The page could not be written to {out_dir}: {err.strerror or err}; the old page stays."
    return PermanentError(message) if err.errno in _LASTING else TemporaryError(message)
