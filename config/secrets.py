"""Secrets from the environment: `NAME`, or `NAME_FILE` with the path of a file that holds it; never logged."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from domain.errors import ConfigError
from domain.variables import NAMED, variable

PREFIX = "HUBBUB_"
KNOWN = {
    "HUBBUB_SLACK_BOT_TOKEN": "slack_bot_token",
    "HUBBUB_SLACK_APP_TOKEN": "slack_app_token",
    "HUBBUB_SLACK_SIGNING_SECRET": "slack_signing_secret",
    "HUBBUB_ALERT_WEBHOOK_SECRET": "alert_webhook_secret",
    "HUBBUB_SMTP_PASSWORD": "smtp_password",
    "HUBBUB_BOUNCES_SECRET": "bounces_secret",
    "HUBBUB_STORE": "store",
    "HUBBUB_SESSION_KEY": "session_key",
}
SIGNING, SHORTEST = ("HUBBUB_BOUNCES_SECRET",), 16
TEST_ONLY = frozenset({"HUBBUB_REQUIRE_REAL_PARTS", "HUBBUB_TEST_MONGO_URI"})


class Secrets(BaseModel):
    """What must not stand in the settings; values print as stars."""

    model_config = ConfigDict(frozen=True)

    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None  # Socket Mode
    slack_signing_secret: SecretStr | None = None  # HTTP
    alert_webhook_secret: SecretStr | None = None
    smtp_password: SecretStr | None = None
    bounces_secret: SecretStr | None = None  # signs what is posted to /hooks/bounces; that door is shut without it
    store: SecretStr | None = None  # a store URL with a password; wins over the settings
    session_key: SecretStr | None = None
    named: Mapping[str, SecretStr] = Field(default_factory=dict)  # name of a source or publisher -> secret

    def of(self, name: str) -> str | None:
        """Give the secret of a source or publisher."""
        secret = self.named.get(name)
        return secret.get_secret_value() if secret is not None else None


def read_secrets(environment: Mapping[str, str], names: Sequence[str] | None) -> Secrets:
    """Read all HUBBUB_* variables. `names` are the known sources and publishers (None: not known, so not checked).

    Raises ConfigError for unknown variables, unreadable files, and a secret given both ways.
    """
    wanted = {variable(name): name for name in names or ()}
    problems: list[str] = []
    values = dict(_values(environment, problems))
    problems += [_unknown(key, wanted) for key in sorted(values) if not _is_known(key, wanted, names is None)]
    problems += [
        f"{key}: is shorter than {SHORTEST} characters; it signs what is sent to us"
        for key in SIGNING if 0 < len(values.get(key, "")) < SHORTEST
    ]  # fmt: skip
    if problems:
        raise ConfigError(*problems)
    said = {key: SecretStr(value) for key, value in values.items() if value}  # compose files pass what is not set as ""
    fixed = {field: said[key] for key, field in KNOWN.items() if key in said}
    named = {name: said[key] for key, name in wanted.items() if key in said}
    return Secrets.model_validate({**fixed, "named": named})


def _is_known(key: str, wanted: Mapping[str, str], any_name: bool) -> bool:
    return key in KNOWN or key in wanted or key in TEST_ONLY or (any_name and key.startswith(NAMED))


def _unknown(key: str, wanted: Mapping[str, str]) -> str:
    known = [name.removeprefix(PREFIX) for name in (*KNOWN, *wanted)]
    near = difflib.get_close_matches(key.removeprefix(PREFIX), known, n=1)
    return f"{key}: is not known" + (f"; did you mean {PREFIX}{near[0]}?" if near else "")


def _values(environment: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str]]:
    for key, value in environment.items():
        if not key.startswith(PREFIX):
            continue
        if not key.endswith("_FILE"):
            yield key, value.strip()
        elif key.removesuffix("_FILE") in environment:
            problems.append(f"{key}: give either {key.removesuffix('_FILE')} or the file, not both")
        else:
            try:
                yield key.removesuffix("_FILE"), Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as err:
                problems.append(f"{key}: the file {value} cannot be read ({type(err).__name__})")
