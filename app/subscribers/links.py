"""The links in what subscribers get. Each carries a proof that only we can make; nothing secret is stored for them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from app.store.protocol import Store
from app.subscribers.push import new_number
from domain.errors import PermanentError
from domain.records import Kept
from domain.told.subscriber import Subscriber

KEYS = "subscribers:keys"  # the record with our keys: links must work for years, so no setting may break them
_PREFIX = "sub_"
_WORD = re.compile(r"([0-9a-f]{20})([0-9a-f]{32})")
_SHORT = re.compile(r"(?<![0-9a-f])([0-9a-f]{20})[.-]([0-9a-f]{16})(?![0-9a-f])")


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads them; `public_url` is where the page stands, without a slash at the end."""

    key: bytes
    public_url: str

    def __repr__(self) -> str:
        """Leave the key out of logs."""
        return "Links()"

    def confirm(self, subscriber: Subscriber) -> str:
        """Give the address of the page with the button that says yes; a later sign-up has another."""
        return f"{self.public_url}/{subscriber.language}/subscribe/confirm/{self.confirm_word(subscriber)}"

    def manage(self, subscriber: Subscriber) -> str:
        """Give the address of the page where a subscriber changes what they get."""
        return f"{self.public_url}/{subscriber.language}/manage/{self.manage_word(subscriber)}"

    def unsubscribe(self, subscriber: Subscriber) -> str:
        """Give the address that mail programs post to (RFC 8058)."""
        return f"{self.public_url}/unsubscribe/{self.manage_word(subscriber)}"

    def confirm_word(self, subscriber: Subscriber) -> str:
        """Give the word of the confirmation link."""
        return _hex(subscriber) + self._proof("confirm", f"{subscriber.id}:{_asked(subscriber)}")

    def manage_word(self, subscriber: Subscriber) -> str:
        """Give the word of the links to change and to stop."""
        return _hex(subscriber) + self._proof("manage", subscriber.id)

    def secret(self, subscriber: Subscriber) -> str:
        """Give the secret with which a webhook subscriber's messages are signed."""
        return self._proof("signing", subscriber.id, 64)

    def challenge(self, subscriber: Subscriber) -> str:
        """Give the word that a webhook must answer with to say yes."""
        return self._proof("challenge", f"{subscriber.id}:{_asked(subscriber)}")

    def tag(self, subscriber: Subscriber, joint: str = ".") -> str:
        """Name a subscriber in message ids and return paths, where a bounce brings it back."""
        return f"{_hex(subscriber)}{joint}{self._proof('bounce', subscriber.id, 16)}"

    def may_confirm(self, subscriber: Subscriber, word: str) -> bool:
        """Say whether a word is that of this sign-up's confirmation link."""
        return _same(self.confirm_word(subscriber), word)

    def opened(self, word: str) -> str | None:
        """Give the id of the subscriber whose link to change and stop this is, None for a word that is not ours."""
        found = _WORD.fullmatch(word)
        if found is None or not _same(self._proof("manage", _PREFIX + found[1]), found[2]):
            return None
        return _PREFIX + found[1]

    def bounced(self, text: str) -> str | None:
        """Find a tag in the headers of a bounce and give the subscriber's id; forged ones are no tags."""
        for found in _SHORT.finditer(text):
            if _same(self._proof("bounce", _PREFIX + found[1], 16), found[2]):
                return _PREFIX + found[1]
        return None

    def _proof(self, purpose: str, about: str, length: int = 32) -> str:
        return hmac.new(self.key, f"{purpose}:{about}".encode(), hashlib.sha256).hexdigest()[:length]


def asked_for(word: str) -> str | None:
    """Give the id inside a word without trusting it: the record is needed to check a confirmation."""
    found = _WORD.fullmatch(word)
    return _PREFIX + found[1] if found else None


@dataclass(frozen=True, slots=True)
class Keys:
    """Our keys: that of the links, and the number of the one by which push services know us."""

    links: bytes
    push: str

    def __repr__(self) -> str:
        """Leave the keys out of logs."""
        return "Keys()"


async def our_keys(store: Store) -> Keys:
    """Read our keys, or make them once for good. Raises PermanentError when they are damaged."""
    made = Kept(KEYS, {"links": secrets.token_hex(32), "push": new_number()})
    if (known := await store.get(Kept, KEYS)) is None:
        # Of two processes that start at once, one was first, and both must use its keys.
        known = made if (await store.add(made))[0] else await store.get(Kept, KEYS)
    try:
        value = (known or made).value
        return Keys(bytes.fromhex(str(value["links"])), str(value["push"]))
    except (KeyError, ValueError) as err:
        raise PermanentError(f"The stored record {KEYS} is damaged: links in mails would not work.") from err


def _hex(subscriber: Subscriber) -> str:
    return subscriber.id.removeprefix(_PREFIX)


def _asked(subscriber: Subscriber) -> str:
    return subscriber.asked_at.isoformat(timespec="milliseconds")  # as precise as it is stored


def _same(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode(), given.encode("utf-8", "replace"))
