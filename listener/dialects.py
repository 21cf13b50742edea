"""A query in the words of each service: the options its source gets; what a service cannot say is filtered here.

Each function gives one set of options for each search that is needed: a service without "or" is asked once per name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from domain.component import fold
from listener.query import Query

Options = Mapping[str, object]
Dialect = Callable[[Query], Sequence[Options]]
MOST_SEARCHES = 10  # of one source; more names than these are asked for by further sources
X_LIMIT = 512  # characters of a query (docs.x.com, recent search, 2026-11)


def one_each(query: Query) -> Sequence[Options]:
    """Ask once per name; for services that join words with "and" only (Bluesky, Hacker News, Stack Exchange)."""
    return [{"query": quoted(term)} for term in query.terms()[:MOST_SEARCHES]]


def joined_by_or(query: Query) -> Sequence[Options]:
    """Ask once for all names (Reddit)."""
    return [{"query": " OR ".join(quoted(term) for term in query.terms())}]


def hashtags(query: Query) -> Sequence[Options]:
    """Ask for every name as a hashtag (Mastodon): "acme pay" is #acmepay; handles are no hashtags."""
    tags = [re.sub(r"\W", "", term) for term in query.terms() if not term.startswith("@")]
    return [{"tags": [tag for tag in dict.fromkeys(tags) if tag]}]


def words(query: Query) -> Sequence[Options]:
    """Ask for any of the names (Jetstream, which filters by itself)."""
    return [{"words": list(query.terms())}]


def x_search(query: Query) -> Sequence[Options]:
    """Ask X for all names in one query, with exclusions and context as far as its length allows."""
    default = query.default
    parts = [_group(query.terms())]
    contexts = [v.context for v in (default, *query.languages.values()) if v.context]
    extra = [quoted(term) for term in default.all if default.any]
    if default.context or (contexts and len(contexts) == len(query.languages)):
        extra.append(_group([term for context in contexts for term in context]))
    extra += [f"-{quoted(term)}" for term in default.none]
    for part in extra:
        if len(" ".join([*parts, part, "-is:retweet"])) <= X_LIMIT:
            parts.append(part)
    return [{"query": " ".join([*parts, "-is:retweet"])}]


def quoted(term: str) -> str:
    """Write a phrase in quotation marks; quotation marks inside cannot be searched for."""
    plain = " ".join(term.replace('"', " ").split())
    return f'"{plain}"' if re.search(r"[^\w#@]", plain) else plain


def _group(terms: Sequence[str]) -> str:
    once = list({fold(term): quoted(term) for term in terms}.values())
    return once[0] if len(once) == 1 else f"({' OR '.join(once)})"
