"""Facebook and Instagram against answers that a client library recorded (its author trimmed them)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.errors import PermanentError
from listener.http import Answer
from listener.items import Parsed
from listener.sources import facebook, instagram
from listener.sources.graph import next_page, refused
from listener.sources.page_watch import WatchOptions
from tests.listener.service import NOW, ORIGIN

RECORDED = Path(__file__).parents[3] / "shared/fixtures/meta"
pytestmark = pytest.mark.skipif(
    not RECORDED.exists(),
    reason="the recorded answers are not here (../shared); the hand-written fixtures cover the same shapes",
)
PAGE = WatchOptions("19292868552")
POST = "19292868552_10158407654328553"


def recorded(file: str, path: str) -> Any:
    """Give one recorded answer."""
    return json.loads((RECORDED / f"{file}_graph.json").read_text())["data"][f"testdata/{path}"]


def read(file: str, path: str) -> Parsed:
    """Read one recorded answer with the parser for its kind."""
    answer = recorded(file, path)
    if "tagged" in path:
        return instagram.parse_media(answer, ORIGIN, WatchOptions("1", watch="tagged"))
    if file == "instagram":
        return instagram.parse_comments(answer, ORIGIN, WatchOptions("1"), "17846368219941692")
    if "posts/" in path:
        return facebook.parse_posts(answer, ORIGIN, PAGE)
    return facebook.parse_comments(answer, ORIGIN, PAGE, POST)


@pytest.mark.parametrize(
    ("file", "path", "mentions", "following"),
    [
        ("facebook", "facebook/apidata/comments/comments_p1.json", 10, (("after", "after"),)),
        ("facebook", "facebook/apidata/comments/comments_p2.json", 5, ()),
        (
            "facebook",
            "facebook/apidata/posts/feed_fields_p1.json",
            5,
            (("until", "1624385168"), ("__paging_token", "__paging_token")),
        ),
        ("facebook", "facebook/apidata/posts/feeds_default_fields_p1.json", 5, (("after", "after"),)),
        ("facebook", "facebook/apidata/posts/feeds_default_fields_p2.json", 5, ()),
        ("instagram", "instagram/apidata/medias/comments_p1.json", 2, (("after", "after"),)),
        ("instagram", "instagram/apidata/medias/comments_p2.json", 2, ()),
        ("instagram", "instagram/apidata/comments/replies.json", 1, ()),
        ("instagram", "instagram/apidata/users/tagged_medias.json", 4, ()),
    ],
)
def test_a_recorded_page_is_read_whole_and_leads_on(file: str, path: str, mentions: int, following: object) -> None:
    parsed = read(file, path)
    assert parsed.set_aside == ()
    assert len(parsed.mentions) == mentions
    assert next_page(recorded(file, path)) == following
    assert all(mention.text and mention.created_at < NOW for mention in parsed.mentions)


def test_comments_are_known_by_the_ids_the_api_gives_elsewhere() -> None:
    known = recorded("facebook", "facebook/apidata/comments/comments_info.json")
    stripped = [{key: value for key, value in comment.items() if key != "id"} for comment in known.values()]
    parsed = facebook.parse_comments({"data": stripped}, ORIGIN, PAGE, "19292868552_10158371815748553")
    assert [mention.native_id for mention in parsed.mentions] == list(known)


@pytest.mark.parametrize("path", ["base/error_data.json", "error.json"])
def test_recorded_errors_are_ours(path: str) -> None:
    err = refused(Answer("graph.example", 400, {}, json.dumps(recorded("facebook", path)).encode()), NOW)
    assert type(err) is PermanentError
    assert "error 100" in str(err)
