"""A named search: what counts as talk about us, in each language; pure, with the reason when a text does not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from domain.component import fold
from domain.heard.mention import Mention, MentionKind


@dataclass(frozen=True, slots=True)
class Variant:
    """One of `any`, all of `all`, none of `none`, and one of `context` beside them; empty parts ask for nothing.

    An entry is a word, a phrase, a #hashtag or a @handle. Case, accents, Turkish i and Persian letters do not matter;
    Turkish and Persian endings of a word count as the word ("Acme'den", "acmeye").
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A search with its variants: what a language leaves empty it takes from the default."""

    name: str
    default: Variant
    languages: Mapping[str, Variant] = field(default_factory=dict)

    def variant(self, language: str | None) -> Variant:
        """Give what to look for in a text of this language (None: unknown)."""
        own = self.languages.get(language or "", Variant())
        return Variant(
            (*self.default.any, *own.any), own.all or self.default.all, (*self.default.none, *own.none),
            own.context or self.default.context,
        )  # fmt: skip

    def terms(self) -> tuple[str, ...]:
        """List everything that names us in any language, once each, in the owner's order."""
        named = [*self.default.any, *(term for variant in self.languages.values() for term in variant.any)]
        # Without a name the words that must all be there are what a service can be asked for.
        return tuple({fold(term): term for term in reversed(named or self.default.all)}.values())[::-1]


_ABOUT_US = frozenset({MentionKind.REVIEW, MentionKind.REPORT, MentionKind.MESSAGE})


def why_not(query: Query, mention: Mention) -> str | None:
    """Say why a mention does not match, None if it does; what was said to us always does."""
    if mention.addressed or mention.kind in _ABOUT_US:
        return None
    if mention.language is not None or not query.languages:
        return why_no_match(query.variant(mention.language), mention.text)
    reasons = [why_no_match(query.variant(language), mention.text) for language in (None, *query.languages)]
    return None if None in reasons else reasons[0]


def why_no_match(variant: Variant, text: str) -> str | None:
    """Say why a text does not match a variant, None if it does."""
    folded = fold(text)
    if excluded := next(_found(variant.none, folded), None):
        return f"it says {excluded!r}"
    if variant.any and not any(_found(variant.any, folded)):
        return "it does not name us"
    if missing := next((term for term in variant.all if not any(_found((term,), folded))), None):
        return f"it does not say {missing!r}"
    if variant.context and not any(_found(variant.context, folded)):
        return "nothing beside the name shows that it is about us"
    return None


def _found(terms: tuple[str, ...], folded: str) -> Iterator[str]:
    return (term for term in terms if (pattern := _pattern(term)) and pattern.search(folded))


# Case endings, plural and possessive after `fold`, with or without an apostrophe: Acme'nin, acmeden, اکمه‌ها.
_ENDING = (
    r"(?:['’]?(?:n?[iu]n|y?[iu]|[dt][ea]n?|y?[ea]|y?l[ae]|l[ae]r[a-z]{0,8}|[cl][iu]|s[iu]z)|'s|’s"
    r"|\s?ه[ا]ی?|ی|\s?(?:رو|را))?"
)


@lru_cache(maxsize=4096)
def _pattern(term: str) -> re.Pattern[str] | None:
    words = fold(term).split()
    if not words:
        return None
    body = r"\s+".join(re.escape(word) for word in words)
    if words[0][0] in "#@":
        return re.compile(rf"(?<!\w){body}(?!\w)")
    return re.compile(rf"(?<!\w){body}{_ENDING if len(words[-1]) > 2 else ''}(?!\w)")
