"""Foreign JSON by paths: the settings say where in an item each of our fields stands (webhook and `json`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from domain.heard.mention import Author, Mention, MentionKind
from listener.items import BadItem, Origin, dig, kind_of, moment_of, needed, number_at, stars, text_at
from listener.options import unknown

Path = tuple[str | int, ...]
DEFAULT_FIELDS: Mapping[str, str] = {
    "id": "id", "title": "title", "text": "text", "created_at": "created_at", "url": "url", "kind": "kind",
    "language": "language", "rating": "rating", "region": "region", "contact": "contact", "in_reply_to": "in_reply_to",
    "root": "root", "author_id": "author.id", "author_name": "author.name", "author_handle": "author.handle",
}  # fmt: skip


def steps(path: str) -> Path:
    """Split a path of keys and list positions joined by dots: `entry.0.changes`; "" is the whole."""
    return tuple(int(step) if step.isdecimal() else step for step in path.split(".")) if path else ()


def field_name(name: str) -> str:
    """Give the name of a field as the settings may write it: `author.id` is `author_id`."""
    return name.replace(".", "_")


def field_problems(fields: Mapping[str, str]) -> list[str]:
    """Say which mapped fields we do not have."""
    known = list(DEFAULT_FIELDS)
    return [unknown("option `fields`:", name, known) for name in fields if field_name(name) not in known]


@dataclass(frozen=True, slots=True)
class ItemReader:
    """Reads items of one shape into mentions."""

    paths: Mapping[str, Path]
    is_html: bool = False
    kind: MentionKind = MentionKind.MESSAGE  # where an item does not say it

    def read(self, item: object, origin: Origin) -> Mention:
        """Read one item; raises `BadItem`. A missing date is now, a missing author nobody else."""
        if not isinstance(item, Mapping):
            raise BadItem("the item is no object")
        native_id = needed(item, *self.paths["id"])
        known = ("author_id", "author_handle", "author_name", "contact")
        author = next(filter(None, (self._at(item, name) for name in known)), f"unknown:{native_id}")
        return origin.mention(
            native_id, Author(author, self._at(item, "author_name"), self._at(item, "author_handle")),
            self._words(item), self._moment(item, origin), is_html=self.is_html, url=self._at(item, "url"),
            kind=kind_of(self._at(item, "kind")) or self.kind, language=self._at(item, "language"),
            rating=self._rating(item), region=self._at(item, "region") or None,
            contact=self._at(item, "contact") or None, in_reply_to=self._at(item, "in_reply_to") or None,
            root=self._at(item, "root") or None,
        )  # fmt: skip

    def _at(self, item: object, name: str) -> str:
        return text_at(item, *self.paths[name])

    def _rating(self, item: object) -> int | None:
        found = dig(item, *self.paths["rating"])
        whole = round(found) if isinstance(found, float) and isfinite(found) else None
        return stars(number_at(item, *self.paths["rating"]) if whole is None else whole)

    def _words(self, item: object) -> str:
        title, text = self._at(item, "title"), self._at(item, "text")
        if not title:
            return needed(item, *self.paths["text"])
        return ("<p>" if self.is_html else "\n\n").join(filter(None, (title, text)))

    def _moment(self, item: object, origin: Origin) -> datetime:
        said = dig(item, *self.paths["created_at"])
        moment = moment_of(said) if said is not None else origin.now
        if moment is None:
            raise BadItem(f"`{'.'.join(map(str, self.paths['created_at']))}` is no readable date")
        return moment


def item_reader(fields: Mapping[str, str], *, is_html: bool = False, kind: MentionKind) -> ItemReader:
    """Put the paths of the settings over the defaults."""
    mapped = {**DEFAULT_FIELDS, **{field_name(name): path for name, path in fields.items()}}
    return ItemReader({name: steps(path) for name, path in mapped.items()}, is_html, kind)
