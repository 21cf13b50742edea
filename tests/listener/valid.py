"""The least settings each type of source is happy with, for the tests that run over all of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

Settings = dict[str, dict[str, Any]]

VALID: Settings = {
    "replay": {"options": {"path": "x.jsonl"}},
    "rss": {"options": {"url": "https://x.example/feed"}},
    "mastodon": {"options": {"tags": ["acme"], "own_handles": ["@acme"]}, "base_url": "https://m.example"},
    "hackernews": {"options": {"query": "acme"}},
    "appstore": {"options": {"app_id": "42"}},
    "bluesky": {"options": {"query": "acme", "handle": "acme.bsky.social"}, "secrets": {"app_password": "x"}},
    "youtube": {"options": {"videos": ["dQw4w9WgXcQ"]}, "secrets": {"api_key": "x"}},
    "googleplay": {
        "options": {"package_name": "com.acme.app"},
        "secrets": {"service_account": '{"client_email": "a@b.example", "private_key": "x"}'},
    },
    "stackexchange": {"options": {"tagged": ["acme"]}},
    "discourse": {"base_url": "https://forum.example"},
    "facebook": {"options": {"account": "100"}, "secrets": {"access_token": "x"}},
    "instagram": {"options": {"account": "178"}, "secrets": {"access_token": "x"}},
    "facebook_webhook": {"options": {"verify_token": "meatyhamhock"}, "secrets": {"app_secret": "0123456789abcdef"}},
    "reddit": {"options": {"subreddit": "acme"}},
    "trustpilot": {"options": {"business_unit": "46d6a890ffa235a75b00021d"}, "secrets": {"api_key": "x"}},
    "tickets": {"secrets": {"secret": "0123456789abcdef"}},
    "x": {"options": {"query": "acme"}, "secrets": {"access_token": "x"}},
    "telegram": {"options": {"chats": ["@acme", -100123]}, "secrets": {"bot_token": "1:x"}},
    "github": {"options": {"repo": "acme/app"}},
    "jetstream": {"options": {"words": ["acme"]}},
    "mail": {"options": {"host": "mail.acme.example", "user": "help@acme.example"}, "secrets": {"password": "x"}},
    "json": {"options": {"url": "https://x.example/comments"}},
    "webhook": {"secrets": {"secret": "0123456789abcdef"}},
    "form": {},
}

# What turns a source that also works without credentials into one that signs in.
SIGNED_IN: Settings = {
    "mastodon": {"secrets": {"access_token": "x"}},
    "googleplay": {"options": {"token_url": "{url}/token"}},
    "stackexchange": {"secrets": {"key": "x"}},
    "discourse": {"secrets": {"api_key": "x"}},
    "reddit": {"options": {"client_id": "x", "username": "acme"}, "secrets": {"client_secret": "x"}},
    "github": {"secrets": {"access_token": "x"}},
    "json": {"secrets": {"token": "x"}},
}

# Polled, but not over HTTP: a file, and IMAP.
NOT_HTTP = frozenset({"replay", "mail"})


def asked_at(type_: str, url: str) -> dict[str, Any]:
    """Give the settings of a source that asks the server at `url`, signed in where it can be."""
    right, more = VALID[type_], SIGNED_IN.get(type_, {})
    options = {**right.get("options", {}), **more.get("options", {})}
    secrets = {**right.get("secrets", {}), **more.get("secrets", {})}
    if "service_account" in secrets:
        secrets["service_account"] = service_account()
    written = {k: v.replace("{url}", url) if isinstance(v, str) else v for k, v in options.items()}
    return {"base_url": url, "options": written, "secrets": secrets}


@cache
def service_account() -> str:
    """Write a key as Google Cloud hands it out."""
    made = rsa.generate_private_key(65537, 2048)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps({"client_email": "a@b.example", "private_key_id": "k1", "private_key": pem})
