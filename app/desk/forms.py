"""Reads the plain strings of a form or modal into domain values; every refusal says what to change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import IncidentStatus
from domain.work import Actor

MAX_MINUTES = 60 * 24 * 14
MAX_TEXT = 3000
Choice = TypeVar("Choice", bound=StrEnum)


def minutes(value: str) -> int:
    """Read a number of minutes, 1 to two weeks."""
    # The length comes first: int() of thousands of digits raises.
    if not value.isascii() or not value.isdigit() or len(value) > 9 or not 0 < int(value) <= MAX_MINUTES:
        raise Refused(f"Give a number of minutes from 1 to {MAX_MINUTES}, not {value[:20]!r}.")
    return int(value)


def person(values: Mapping[str, str], name: str, default: Actor | None) -> Actor | None:
    """Read a person, written "via|id|name"; absent means `default`, empty means nobody."""
    if name not in values:
        return default
    said = values[name].strip()
    via, _, rest = said.partition("|")
    id, _, shown = rest.partition("|")
    if said and (not id or via not in ("slack", "desk", "hubbub")):
        raise Refused(f"{name} must be a person, not {said[:40]!r}.")
    return Actor(id[:80], shown[:80] or id[:80], via) if said else None


def promise(values: Mapping[str, str]) -> timedelta | None:
    """Read in how many minutes the next update is promised; empty or 0 promises nothing."""
    said = values.get("next_update_minutes", "")
    return None if said in ("", "0") else timedelta(minutes=minutes(said))


def texts(values: Mapping[str, str], name: str, languages: Sequence[str]) -> dict[str, str]:
    """Collect `name.<language>` for the page's languages; at least one must say something."""
    found = {lang: values.get(f"{name}.{lang}", "").strip() for lang in languages}
    found = {lang: text for lang, text in found.items() if text}
    if not found:
        raise Refused(f"Write the {name} in at least one language.")
    too_long = next((lang for lang, text in found.items() if len(text) > MAX_TEXT), None)
    if too_long is not None:
        raise Refused(f"The {name} in {too_long} is longer than {MAX_TEXT} characters.")
    return found


def choice(values: Mapping[str, str], name: str, kind: type[Choice], default: Choice) -> Choice:
    """Read one of an enum's words; absent means `default`, an unknown word is refused with the known ones."""
    word = values.get(name) or default
    if word not in [str(item) for item in kind]:
        raise Refused(f"{name} must be one of {', '.join(kind)}, not {word[:30]!r}.")
    return kind(word)


def components(values: Mapping[str, str], known: Collection[str]) -> list[str]:
    """Read the comma-separated component ids of an incident; at least one, all known."""
    wanted = [part.strip() for part in values.get("components", "").split(",") if part.strip()]
    strange = [part for part in wanted if part not in known]
    if strange or not wanted:
        what = f"{strange[0][:40]!r} is no component" if strange else "An incident needs a component"
        raise Refused(f"{what}; known are {', '.join(sorted(known))}.")
    return wanted


def component_status(values: Mapping[str, str], status: IncidentStatus) -> ComponentStatus | None:
    """Read the state of the components: operational after the end, None ("as before") when nothing is said."""
    if status is IncidentStatus.RESOLVED:
        return ComponentStatus.OPERATIONAL
    if not values.get("component_status"):
        return ComponentStatus.PARTIAL_OUTAGE if status is IncidentStatus.INVESTIGATING else None
    return choice(values, "component_status", ComponentStatus, ComponentStatus.PARTIAL_OUTAGE)
