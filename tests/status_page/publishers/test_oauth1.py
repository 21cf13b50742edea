"""The signature of OAuth 1.0a, against the example that X's own documentation works out."""

from __future__ import annotations

import re

import pytest

from status_page.publishers.oauth1 import Keys, authorization, read_keys

# https://docs.x.com/fundamentals/authentication/oauth-1-0a/creating-a-signature (read 2026-11); the keys are theirs.
EXAMPLE = Keys(
    "xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
    "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
)  # fmt: skip


def test_the_documented_example_is_signed_as_documented() -> None:
    header = authorization(
        EXAMPLE, "post", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true", 1318622958,
        form={"status": "Hello Ladies + Gentlemen, a signed OAuth request!"},
        nonce="kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
    )  # fmt: skip
    assert 'oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"' in header
    assert header.startswith('OAuth oauth_consumer_key="xvz1evFS4wEEPTGEFPHBog", oauth_nonce="')


def test_each_request_has_a_nonce_of_its_own() -> None:
    headers = [authorization(EXAMPLE, "GET", "https://api.x.com/2/users/me", 1) for _ in range(2)]
    nonces = {re.findall('oauth_nonce="(.+?)"', header)[0] for header in headers}
    assert len(nonces) == 2


@pytest.mark.parametrize(
    ("secret", "keys"),
    [
        ("a:b:c:d", Keys("a", "b", "c", "d")),
        (" a : b : c : d ", Keys("a", "b", "c", "d")),
        ("AAAAbearer", None),
        ("a:b:c", None),
        ("a:b::d", None),
        ("", None),
    ],
)
def test_four_parts_are_keys_and_anything_else_is_a_bearer_token(secret: str, keys: Keys | None) -> None:
    assert read_keys(secret) == keys


def test_keys_never_show_themselves() -> None:
    assert "kAcSO" not in repr(EXAMPLE)
