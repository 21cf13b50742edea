"""What every source that is pushed to does first."""

from __future__ import annotations

import pytest

from domain.errors import PermanentError
from listener.pushed import decoded, header_of


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"X-Signed": " a "}, "a"),
        ({"x-signed": "a"}, "a"),
        ({"X-SIGNED": "a", "X-Signed-At": "b"}, "a"),
        ({"X-Signed-At": "b"}, ""),
        ({}, ""),
    ],
)
def test_a_header_is_found_in_any_case(headers: dict[str, str], value: str) -> None:
    assert header_of(headers, "X-Signed") == value


def test_a_body_is_decoded_whatever_it_holds() -> None:
    assert decoded('{"a": ["سلام", 1, null]}'.encode()) == {"a": ["سلام", 1, None]}
    assert decoded(b"null") is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"a=1&b=2"])
def test_a_body_that_is_no_json_is_an_error(body: bytes) -> None:
    with pytest.raises(PermanentError, match="not valid JSON"):
        decoded(body)
