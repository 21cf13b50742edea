"""Open the store that the settings name; a database's driver is imported only when it is asked for."""

from __future__ import annotations

from app.store.protocol import Store
from domain.errors import ConfigError


async def open_store(url: str) -> Store:
    """Open `sqlite://` (in memory), `sqlite:///relative.db`, `sqlite:////absolute.db` or `mongodb[+srv]://...`.

    Raises ConfigError for what the owner has to mend, TemporaryError when the database does not answer.
    """
    check_url(url)
    if url.startswith("sqlite://"):
        from app.store.sqlite import open_sqlite

        return await open_sqlite(url)
    from app.store.mongo import open_mongo

    return await open_mongo(url)


def check_url(url: str) -> None:
    """Raise ConfigError for a URL that can open no store; nothing is opened."""
    if not url.startswith(("sqlite://", "mongodb://", "mongodb+srv://")):
        # Not a word of the URL itself: it may carry a password.
        raise ConfigError("The store's URL must begin with sqlite://, mongodb:// or mongodb+srv://.")
    if url.startswith("sqlite://"):
        from app.store.sqlite_file import check_folder, path_of

        check_folder(path_of(url))


async def open_existing(url: str, so: str) -> Store:
    """Open a store, but make none: where a SQLite file is not there, ConfigError says so and, in `so`, what follows."""
    if not is_there(url):
        from app.store.sqlite_file import path_of

        raise ConfigError(f"The database {path_of(url)} does not exist, so {so}.")
    return await open_store(url)


def is_there(url: str) -> bool:
    """Say whether a store can be read without making one; of a server only itself knows."""
    from app.store import sqlite_file

    return not url.startswith("sqlite://") or sqlite_file.is_there(sqlite_file.path_of(url))
