"""The list of components: groups, states in words, bars of 90 days, availability, help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.component import Component, ComponentStatus
from domain.incidents.incident import Incident, component_status
from status_page.markup import clean
from status_page.pages.sections import sections
from status_page.pages.uptime import Record
from status_page.pages.view import Help, help_with
from status_page.site import Site
from status_page.words.dates import short_day
from status_page.words.language import catalogue, digits, listed

FEW = 8  # components; a page with no more hides none of them in a closed group
NAMED_DAYS = 5  # of a bar, in its tool tip
_SEVERITY = tuple(ComponentStatus)
Bars = tuple[tuple[ComponentStatus, str, str], ...]  # (state, SVG path of its days, the days in words)


@dataclass(frozen=True, slots=True)
class ComponentView:
    """A row of the component list with its bar."""

    id: str
    name: str
    status: ComponentStatus
    uptime: str
    bad: Bars
    help: Help | None


@dataclass(frozen=True, slots=True)
class SectionView:
    """Components that stand together; `name` is empty for those without a group."""

    id: str
    name: str
    status: ComponentStatus  # the worst of them
    is_open: bool  # shown without a press: something is wrong, or there is little to show
    components: tuple[ComponentView, ...]


def section_views(
    site: Site, language: str, records: Mapping[str, Record], open_incidents: Sequence[Incident]
) -> list[SectionView]:
    """Lay out all components in the owner's order."""
    few = len(site.components) <= FEW
    made = []
    for section in sections(site.components, site.groups):
        rows = tuple(
            _row(c, component_status(c.id, open_incidents, site.planned), records[c.id], language)
            for c in section.components
        )
        worst = max((row.status for row in rows), key=_SEVERITY.index)
        is_open = few or section.group is None or worst is not ComponentStatus.OPERATIONAL
        name = clean(section.group.name(language)) if section.group else ""
        made.append(SectionView(section.group.id if section.group else "", name, worst, is_open, rows))
    return made


def _row(component: Component, status: ComponentStatus, record: Record, language: str) -> ComponentView:
    return ComponentView(
        id=component.id, name=clean(component.name(language)), status=status, uptime=_uptime(record, language),
        bad=bad_days(record, language), help=help_with(component, language),
    )  # fmt: skip


def _uptime(record: Record, language: str) -> str:
    """Say in words what the bar shows, e.g. "99.98% available · 2 days with an incident"."""
    t, count = catalogue(language), len(record.bad_days)
    share = t.gettext("%(percent)s%% available") % {"percent": percent(record.uptime, language)}
    if not count:
        return share
    days = t.ngettext("%(num)s day with an incident", "%(num)s days with an incident", count)
    return f"{share} · {days % {'num': digits(str(count), language)}}"


def bad_days(record: Record, language: str) -> Bars:
    """Draw one path for all days of a state: a long history must not make a heavy page."""
    drawn = []
    for state in sorted(set(record.bad_days.values())):
        days = sorted(day for day, found in record.bad_days.items() if found is state)
        path = "".join(f"M{(day - record.first_day).days * 5 + 2} 0v1" for day in days)
        named = listed([short_day(day, language) for day in days[-NAMED_DAYS:]], language)
        drawn.append((state, path, named if len(days) <= NAMED_DAYS else f"… {named}"))
    return tuple(drawn)


def percent(share: float, language: str) -> str:
    """Write a share rounded down, for 99.996 must not read as 100."""
    words = f"{int(share * 100) / 100:.2f}".rstrip("0").rstrip(".")
    return digits(words.replace(".", {"fa": "٫", "tr": ","}.get(language, ".")), language)
