"""Words to begin an update with, per phase and language; what is in braces is filled in when it is published. Pure.

What is wrong, since when, what we do, when we speak again. Turkish with siz, Persian formal, no invented time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.incidents.incident import IncidentStatus

PLACEHOLDERS = ("component", "since", "next_update")


@dataclass(frozen=True, slots=True)
class Template:
    """One way to say where we are."""

    name: str
    phase: IncidentStatus
    texts: Mapping[str, str]  # language -> text with {component}, {since}, {next_update}

    def text(self, language: str) -> str:
        """Give the text in `language`, else in English."""
        return self.texts.get(language) or self.texts["en"]


def offered(phase: IncidentStatus, own: Sequence[Template] = ()) -> tuple[Template, ...]:
    """List the words for a phase, the owner's own first."""
    return tuple(template for template in (*own, *_TEMPLATES) if template.phase is phase)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of {component}, {since} and {next_update}; other braces stay as they are.

    A sentence whose value is empty falls away ("We will write again by {next_update}." without a promise); a
    placeholder that `values` does not name is left for later.
    """
    lines = (" ".join(_filled(line, values)) for line in text.split("\n"))
    return "\n".join(lines)


def _filled(line: str, values: Mapping[str, str]) -> list[str]:
    kept = []
    for sentence in _SENTENCES.split(line):
        asked = [name for name in _PLACE.findall(sentence) if name in values]
        if all(values[name] for name in asked):
            kept.append(_PLACE.sub(lambda place: values.get(place[1], place[0]), sentence))
    return kept


_PLACE = re.compile(r"\{(component|since|next_update)\}")
_SENTENCES = re.compile(r"(?<=[.!?؟]) +")
_AGAIN = {
    "en": "We will write again by {next_update}.",
    "tr": "Size en geç {next_update} itibarıyla yeniden yazacağız.",
    "fa": "حداکثر تا {next_update} دوباره به شما خبر می‌دهیم.",
}
_TELL_US = {
    "en": "If it still does not work for you, please tell us.",
    "tr": "Sizde hâlâ çalışmıyorsa lütfen bize yazın.",
    "fa": "اگر هنوز برای شما کار نمی‌کند، لطفاً به ما خبر دهید.",
}


def _template(
    name: str, phase: IncidentStatus, english: str, turkish: str, persian: str, end: Mapping[str, str] = _AGAIN
) -> Template:
    said = {"en": english, "tr": turkish, "fa": persian}
    return Template(name, phase, {language: f"{text} {end[language]}" for language, text in said.items()})


_TEMPLATES = (
    _template(
        "Reports, we look",
        IncidentStatus.INVESTIGATING,
        "We have had reports of problems with {component} since {since}. We are looking for the cause.",
        "{since} itibarıyla {component} ile ilgili sorun bildirimleri alıyoruz. Sebebini arıyoruz.",
        "از {since} گزارش‌هایی از مشکل در {component} دریافت کرده‌ایم. در حال بررسی علت آن هستیم.",
    ),
    _template(
        "It does not work, the rest does",
        IncidentStatus.INVESTIGATING,
        "{component} has not worked as it should since {since}. Everything else works. We are looking for the cause.",
        "{component} {since} itibarıyla gerektiği gibi çalışmıyor. Diğer hizmetlerimiz çalışıyor. Sebebini arıyoruz.",
        "{component} از {since} آن‌طور که باید کار نمی‌کند. بقیهٔ خدمات ما در دسترس است. در حال بررسی علت آن هستیم.",
    ),
    _template(
        "Cause found",
        IncidentStatus.IDENTIFIED,
        "We have found the cause of the problems with {component} and are working on the fix.",
        "{component} ile ilgili sorunun sebebini bulduk ve düzeltmek için çalışıyoruz.",
        "علت مشکل {component} را پیدا کرده‌ایم و در حال رفع آن هستیم.",
    ),
    _template(
        "Still at it",
        IncidentStatus.IDENTIFIED,
        "The problems with {component} that began at {since} are not solved yet, and we are sorry for the long "
        "wait. We are still working on the fix.",
        "{component} ile ilgili {since} itibarıyla başlayan sorun henüz çözülmedi; uzun sürdüğü için özür dileriz. "
        "Düzeltmek için çalışmaya devam ediyoruz.",
        "مشکل {component} که از {since} آغاز شده هنوز حل نشده است و از طولانی شدن آن پوزش می‌خواهیم. "
        "همچنان در حال رفع آن هستیم.",
    ),
    _template(
        "Fix in place",
        IncidentStatus.MONITORING,
        "A fix for {component} is in place and we are watching whether it holds. " + _TELL_US["en"],
        "{component} için bir düzeltme yaptık ve kalıcı olup olmadığını izliyoruz. " + _TELL_US["tr"],
        "اصلاح لازم برای {component} انجام شده است و پایداری آن را بررسی می‌کنیم. " + _TELL_US["fa"],
    ),
    _template(
        "Solved",
        IncidentStatus.RESOLVED,
        "The problems with {component} that began at {since} are solved. We are sorry for the trouble.",
        "{component} ile ilgili {since} itibarıyla başlayan sorun çözüldü. Yaşattığımız sıkıntı için özür dileriz.",
        "مشکل {component} که از {since} آغاز شده بود حل شد. از زحمتی که برای شما پیش آمد پوزش می‌خواهیم.",
        _TELL_US,
    ),
)
_MERGED = {
    "en": "We tell what happens here together with another problem from now on: {title}",
    "tr": "Buradaki gelişmeleri bundan sonra başka bir sorunla birlikte anlatıyoruz: {title}",
    "fa": "از این پس این موضوع را همراه با مشکل دیگری اطلاع می‌دهیم: {title}",
}


def last_post(title: str, url: str, language: str) -> str:
    """Write the last post of an incident whose story another one tells now."""
    return f"{_MERGED.get(language, _MERGED['en']).replace('{title}', title)}\n{url}".strip()
