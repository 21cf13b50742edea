"""Any JSON API as a source: the settings say where the items and our fields stand, how it pages and how it filters.

Lists are read newest first, or forward from the newest known item where the API can filter (`since`).
"""

from __future__ import annotations

from yarl import URL

from domain.errors import AuthError, PermanentError
from domain.heard.mention import Batch, MentionKind, SetAside
from listener.items import Origin, Parsed, collect, list_at, raw_of, text_at, web_url
from listener.options import SecretProblem
from listener.pacing import quota_of, quota_pause
from listener.paths import field_problems, item_reader, steps
from listener.source import Configured
from listener.sources.json_rounds import (
    JsonOptions,
    ended,
    next_round,
    onward,
    params_of,
    read_round,
    restarted,
    write_round,
)

_CREDENTIALS = ("authorization", "proxy-authorization", "cookie")


def parse_items(answer: object, origin: Origin, options: JsonOptions) -> Parsed:
    """Read one page; raises `PermanentError` when the list is not where `items` says."""
    reader = item_reader(options.fields, is_html=options.is_html, kind=MentionKind.POST)
    return collect(list_at(answer, *steps(options.items)), lambda item: reader.read(item, origin))


def problems_of(options: JsonOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing or does not fit together."""
    problems = field_problems(options.fields)
    if address_of(options, base_url) is None:
        problems.append("option `url` is wrong: it should start with http:// or https://, or be a path of `base_url`.")
    if options.page.kind in ("next_url", "cursor") and not options.page.path:
        problems.append(f"option `page.path` is missing: where an answer has its {options.page.kind}.")
    open_secrets = [name for name in options.headers if name.lower() in _CREDENTIALS]
    if open_secrets:
        problems.append(f"option `headers` is wrong: `{open_secrets[0]}` is a secret; give it as secret `token`.")
    if options.token_header and not text_at(secrets, "token"):
        problems.append(
            SecretProblem("secret `token` is missing: option `token_header` names the header that carries it.")
        )
    return problems


def address_of(options: JsonOptions, base_url: str | None) -> URL | None:
    """Give the address to ask; `base_url` stands in for scheme and host. None when it is no web address."""
    try:
        given = URL(options.url)
        path = given.raw_path_qs if given.absolute else f"/{options.url.lstrip('/')}"
        url = URL(f"{(base_url or str(given.origin())).rstrip('/')}{path}")
    except ValueError:
        return None
    return url if web_url(str(url)) else None


class Json(Configured[JsonOptions]):
    """Polls one list, page by page; the lower bound moves only when a round is complete."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get one page."""
        origin, options = self.setup.origin(), self.options
        at = read_round(cursor, options, origin.now)
        follows = bool(at.page) and options.page.kind == "next_url"
        asked = address_of(options, self.setup.base_url)
        url = onward(asked, at.page) if follows and asked else asked
        if url is None:  # what was read before is kept; the owner sees why the round ends here
            return Batch((), write_round(ended(at)), (SetAside(raw_of(at.page), "the next page is on another host"),))
        params = [] if follows else params_of(at, options)
        try:
            answer = await self.setup.web().get(str(url), params=params, headers=self._headers())
        except PermanentError as err:
            if not at.page or isinstance(err, AuthError):
                raise
            # Names of pages expire: asking for this one again would be refused for ever.
            return Batch((), write_round(restarted(at)), (SetAside(raw_of(at.page), f"the next page: {err}"),))
        found = answer.json()
        parsed, (then, more) = parse_items(found, origin, options), next_round(at, found, options, origin.now)
        return Batch(
            parsed.mentions, write_round(then), parsed.set_aside, more, quota_pause(answer.headers, origin.now),
            quota_of(answer.headers, origin.now),
        )  # fmt: skip

    def _headers(self) -> dict[str, str]:
        token = self.setup.secrets.get("token")
        named = {self.options.token_header: token} if token and self.options.token_header else {}
        bearer = {"Authorization": f"Bearer {token}"} if token and not named else {}
        return {"Accept": "application/json", **self.options.headers, **named, **bearer}
