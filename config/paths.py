"""Where relative paths of the settings begin: at the folder of the settings file, wherever hubbub is started."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from config.pages import Page
from config.settings import Settings, SourceSettings

AnyPage = TypeVar("AnyPage", bound=Page)
SQLITE = "sqlite:///"  # before a relative path; a fourth slash begins an absolute one


def from_folder(settings: Settings, folder: Path) -> Settings:
    """Let every relative path begin at `folder`."""
    return settings.model_copy(
        update={
            "store": store_from(settings.store, folder),
            "page": _page(settings.page, folder),
            "pages": tuple(_page(page, folder) for page in settings.pages),
            "sources": tuple(_source(source, folder) for source in settings.sources),
        }
    )


def store_from(url: str, folder: Path) -> str:
    """Let the relative path of a SQLite URL begin at `folder`; any other URL stays as it is."""
    path = url.removeprefix(SQLITE)
    if path in (url, "", ":memory:"):
        return url
    return SQLITE + str(Path(quote(str(folder)), path))


def _page(page: AnyPage, folder: Path) -> AnyPage:
    given = {key: getattr(page, key) for key in ("out_dir", "logo", "logo_dark", "css")}
    return page.model_copy(update={key: str(folder / path) for key, path in given.items() if path})


def _source(source: SourceSettings, folder: Path) -> SourceSettings:
    path = source.options.get("path")
    if source.type != "replay" or not isinstance(path, str):  # elsewhere a `path` is no file
        return source
    return source.model_copy(update={"options": {**source.options, "path": str(folder / path)}})
