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


def fill(text: str, values: Mapping[str, str], language: str = "en") -> str:
    """Put values in the place of {component}, {since} and {next_update}; other braces stay as they are.

    A sentence whose value is empty falls away ("We will write again by {next_update}." without a promise); a
    placeholder that `values` does not name is left for later. A value that begins a sentence gets its capital.
    """
    lines = (" ".join(_filled(line, values, language)) for line in text.split("\n"))
    return "\n".join(lines)


def capital(sentence: str, language: str) -> str:
    """Begin a sentence with a capital; a first word that is written its own way stays ("iOS", "acme.com")."""
    first = _FIRST_WORD.match(sentence)
    if first is None or not first[0].islower():
        return sentence
    letter = "İ" if language == "tr" and sentence[0] == "i" else sentence[0].upper()
    return letter + sentence[1:]


def _filled(line: str, values: Mapping[str, str], language: str) -> list[str]:
    kept = []
    for sentence in _SENTENCES.split(line):
        asked = [name for name in _PLACE.findall(sentence) if name in values]
        if all(values[name] for name in asked):
            said = _PLACE.sub(lambda place: values.get(place[1], place[0]), sentence)
            kept.append(capital(said, language) if _PLACE.match(sentence) else said)
    return kept


_PLACE = re.compile(r"\{(component|since|next_update)\}")
_SENTENCES = re.compile(r"(?<=[.!?؟]) +")
_FIRST_WORD = re.compile(r"[^\W\d_]+(?!\w|\.\w)")
_AGAIN = {
    "en": "We will write again by {next_update}.",
    "tr": "En geç {next_update}’ye kadar size yeniden yazacağız.",
    "fa": "حداکثر تا ساعت {next_update} دوباره به شما خبر می‌دهیم.",
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


# In Turkish every time ends in "UTC" ("u-te-ce"), which the endings follow: UTC’den, UTC’ye.
# In Persian every time begins with the hour, and the word for it ("ساعت") stands here, not in what is filled in.
_TEMPLATES = (
    _template(
        "Reports, we look",
        IncidentStatus.INVESTIGATING,
        "We have had reports of problems with {component} since {since}. We are looking for the cause.",
        "{since}’den beri {component} ile ilgili sorun bildirimleri alıyoruz. Nedenini araştırıyoruz.",
        "از ساعت {since} گزارش‌هایی از اختلال در {component} دریافت کرده‌ایم. در حال بررسی علت آن هستیم.",
    ),
    _template(
        "Confirmed, we look",
        IncidentStatus.INVESTIGATING,
        "There have been problems with {component} since {since}. We are looking for the cause.",
        "{since}’den beri {component} ile ilgili sorun yaşanıyor. Nedenini araştırıyoruz.",
        "از ساعت {since} در {component} اختلال وجود دارد. در حال بررسی علت آن هستیم.",
    ),
    _template(
        "Cause found",
        IncidentStatus.IDENTIFIED,
        "We have found the cause of the problems with {component} and are working on the fix.",
        "{component} ile ilgili sorunun nedenini bulduk, sorunu gidermek için çalışıyoruz.",
        "علت اختلال در {component} را پیدا کرده‌ایم و در حال رفع آن هستیم.",
    ),
    _template(
        "Still at it",
        IncidentStatus.IDENTIFIED,
        "The problems with {component} (since {since}) are not solved yet, and we are sorry for the long wait. "
        "We are still working on the fix.",
        "{component} ile ilgili sorun (başlangıç: {since}) henüz giderilmedi; uzun sürdüğü için özür dileriz. "
        "Sorunu gidermek için çalışmaya devam ediyoruz.",
        "اختلال در {component} (آغاز: ساعت {since}) هنوز برطرف نشده است و از طولانی شدن آن پوزش می‌خواهیم. "
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
        "The problems with {component} (since {since}) are solved. We are sorry for the trouble.",
        "{component} ile ilgili sorun (başlangıç: {since}) giderildi. Yaşattığımız sıkıntı için özür dileriz.",
        "اختلال در {component} (آغاز: ساعت {since}) برطرف شد. از زحمتی که برای شما پیش آمد پوزش می‌خواهیم.",
        _TELL_US,
    ),
)
_MERGED = {
    "en": "We tell what happens here together with another problem from now on: {title}",
    "tr": "Buradaki gelişmeleri bundan sonra başka bir sorunla birlikte anlatıyoruz: {title}",
    "fa": "از این پس خبرهای این اختلال را همراه با اختلالی دیگر اطلاع می‌دهیم: {title}",
}


def last_post(title: str, url: str, language: str) -> str:
    """Write the last post of an incident whose story another one tells now."""
    return f"{_MERGED.get(language, _MERGED['en']).replace('{title}', title)}\n{url}".strip()
