"""What can go wrong at a boundary, in the one question callers ask: try again, when, or never?"""

from __future__ import annotations

from datetime import timedelta


class ServiceError(Exception):
    """Something outside (or a setting) let us down; the message is one plain sentence for a person."""


class ConfigError(ServiceError):
    """The owner's settings or input are wrong; `problems` lists every one of them at once."""

    def __init__(self, *problems: str) -> None:
        """Join `problems` (at least one sentence) into the message."""
        super().__init__("\n".join(problems))
        self.problems = problems


class TemporaryError(ServiceError):
    """Worth another try, not before `retry_after` has passed (None: the caller's own back-off)."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        """Keep the wait the other side asked for, if it asked for one."""
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(TemporaryError):
    """The other side told us to slow down."""


class PermanentError(ServiceError):
    """Trying the same again cannot help."""


class AuthError(PermanentError):
    """The credentials are missing, wrong or not allowed to do this."""


class NotFound(PermanentError):
    """What was asked for is not there (any more)."""


class Refused(Exception):
    """A person's action does not fit the present state; the message tells them why in one sentence."""
