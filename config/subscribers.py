"""How customers may ask to be told of news."""

from __future__ import annotations

import re
from datetime import timedelta

from pydantic import Field, field_validator

from config.parts import Duration, Part

# The push services of Chrome, Edge, Opera and Samsung; Firefox; Windows; Safari: each with the hosts below it.
PUSH_HOSTS = (
    "fcm.googleapis.com", "android.googleapis.com", "jmt17.google.com", "push.services.mozilla.com",
    "notify.windows.com", "push.apple.com",
)  # fmt: skip
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]+(?::\d{1,5})?")


class Subscribers(Part):
    """How customers may ask to be told of news (docs/subscribers.md); each way is offered on the page."""

    mail: bool = False  # needs `mail`
    webhooks: bool = False
    slack: bool = False  # incoming webhooks of their own workspaces
    push: bool = False  # notifications of browsers
    push_hosts: tuple[str, ...] = PUSH_HOSTS  # nothing else is posted to as a browser; with hosts below; port 443
    unconfirmed_expire: Duration = timedelta(hours=48)
    bounces: str | None = Field(default=None, pattern=r"^[^@\s,;<>+]+@[^@\s,;<>]+$")  # return address, +tag is added
    connections: int = Field(default=4, ge=1, le=50)  # to the mail server at once

    @field_validator("unconfirmed_expire")
    @classmethod
    def _long_enough(cls, life: timedelta) -> timedelta:
        if not timedelta(hours=1) <= life <= timedelta(days=14):
            raise ValueError("between an hour (PT1H) and two weeks (P14D)")
        return life

    @field_validator("push_hosts")
    @classmethod
    def _are_hosts(cls, typed: tuple[str, ...]) -> tuple[str, ...]:
        hosts = tuple(host.strip().lower().removesuffix(":443") for host in typed)
        strange = [host for host in hosts if not _HOST.fullmatch(host)]
        if strange:
            raise ValueError(f"{strange[0]!r} is no host such as push.example.com or push.example.com:8443")
        return hosts
