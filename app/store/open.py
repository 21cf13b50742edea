"""Open the store that the settings name; a database's driver is imported only when it is asked for."""

from __future__ import annotations

from app.store.protocol import Store
from domain.errors import ConfigError


async def open_store(url: str) -> Store:
    """Open `sqlite://` (in memory), `sqlite:///relative.db`, `sqlite:////absolute.db` or `mongodb[+srv]://...`.

    Raises ConfigError for what the owner has to mend, TemporaryError when the database does not answer.
    """
    scheme, colon, _ = url.partition("://")
    if colon and scheme == "sqlite":
        from app.store.sqlite import open_sqlite

        return await open_sqlite(url)
    if colon and scheme in ("mongodb", "mongodb+srv"):
        from app.store.mongo import open_mongo

        return await open_mongo(url)
    # Not a word of the URL itself: it may carry a password.
    raise ConfigError("The store's URL must begin with sqlite://, mongodb:// or mongodb+srv://.")
