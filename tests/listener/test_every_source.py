"""What every type of source keeps to, driven by the registry: a new one is held to all of it without a new test."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from domain.errors import AuthError, RateLimited, ServiceError, TemporaryError
from listener.http import make_session
from listener.registry import SOURCES, build_source, check_source
from listener.source import Source
from tests.listener.service import FIXTURES, NOW, Reply, Service
from tests.listener.valid import NOT_HTTP, VALID, asked_at

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs/sources.md").read_text()
PROMISES = DOCS.partition("## How each source keeps its promises")[2].partition("\n## ")[0]
POLLED = [type_ for type_, kind in SOURCES.items() if not kind.pushed and type_ not in NOT_HTTP]
SIGNED = [type_ for type_ in POLLED if SOURCES[type_].secrets]


def built(type_: str, session: aiohttp.ClientSession, given: dict[str, Any]) -> Source:
    right = {"base_url": None, "options": {}, "secrets": {}} | given
    return build_source(type_, "one", every=timedelta(minutes=5), session=session, now=lambda: NOW, **right)


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def rows(table: str, type_: str) -> list[list[str]]:
    return [cells(row) for row in table.splitlines() if row.startswith(f"| `{type_}` |")]


class Same(dict[str, list[Reply]]):
    """Answers every path alike."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    def get(self, path: str, default: Any = None) -> Any:
        return [self.reply]


def test_the_table_of_valid_settings_names_exactly_the_types_there_are() -> None:
    assert VALID.keys() == SOURCES.keys()


@pytest.mark.parametrize("type_", SOURCES)
def test_it_has_files_of_its_own(type_: str) -> None:
    module = SOURCES[type_].source.__module__
    path = ROOT / f"{module.replace('.', '/')}.py"
    assert path.is_file()
    sharing = [other for other, kind in SOURCES.items() if kind.source.__module__ == module]
    assert sharing == [type_], "one module for each type"
    assert (ROOT / f"tests/listener/test_{type_}.py").is_file()
    assert list(FIXTURES.glob(f"{type_}[._]*")), f"a hand-written answer in tests/listener/fixtures/{type_}.*"
    assert path.read_text().startswith('"""'), "its docstring says what it brings, and where its API is described"


@pytest.mark.parametrize("type_", SOURCES)
def test_its_options_are_a_dataclass_that_pydantic_checks(type_: str) -> None:
    assert is_dataclass(SOURCES[type_].options)
    problems = check_source(type_, "one", **VALID[type_])
    assert problems == []


@pytest.mark.parametrize("type_", SOURCES)
def test_it_is_explained(type_: str) -> None:
    found = rows(DOCS.partition("\n## ")[0], type_)
    assert len(found) == 1, "one row in the first table of docs/sources.md"
    assert len(found[0]) == 5
    assert all(found[0]), "no empty cell"
    named = [field.name for field in fields(SOURCES[type_].options)] + list(SOURCES[type_].secrets)
    assert [name for name in named if f"`{name}`" not in found[0][1] + found[0][2]] == []


@pytest.mark.parametrize("type_", SOURCES)
def test_it_says_how_it_keeps_its_promises(type_: str) -> None:
    found = rows(PROMISES, type_)
    assert len(found) == 1, "one row in the table of promises in docs/sources.md"
    head = next(cells(row) for row in PROMISES.splitlines() if row.startswith("| Type"))
    assert len(found[0]) == len(head)
    assert all(found[0]), "no empty cell"


def test_the_tables_explain_no_type_that_is_gone() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", DOCS, re.MULTILINE)) == set(SOURCES)


def test_the_examples_of_the_docs_are_right() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    examples = [source for block in blocks for source in yaml.safe_load(block)]
    assert examples
    for example in examples:
        assert check_source(**example) == []


@pytest.mark.parametrize("type_", SOURCES)
async def test_building_it_opens_nothing(type_: str, service: Service) -> None:
    async with make_session("hubbub-test/1", ["127.0.0.1"]) as session:
        pass
    # A closed session refuses every request: whatever was asked while building would fail here.
    given = VALID[type_] if type_ in NOT_HTTP else asked_at(type_, service.url)
    made = built(type_, session, given)
    assert (made.name, made.type, made.every) == ("one", type_, timedelta(minutes=5))
    assert made.page_cost >= 0
    assert service.asked == []


@pytest.mark.parametrize("type_", SOURCES)
def test_it_makes_no_session_of_its_own(type_: str) -> None:
    source = (ROOT / f"{SOURCES[type_].source.__module__.replace('.', '/')}.py").read_text()
    assert not re.search(r"ClientSession\(|make_session\(|urlopen|\brequests\b\.", source)


@pytest.mark.parametrize("type_", SIGNED)
async def test_refused_credentials_are_an_auth_error_that_does_not_show_them(
    type_: str, service: Service, session: aiohttp.ClientSession
) -> None:
    service.replies = Same(Reply({"error": "no"}, 401))
    given = asked_at(type_, service.url)
    with pytest.raises(AuthError) as caught:
        await built(type_, session, given).fetch(None)
    assert service.asked, "it was the server that refused"
    for secret in given["secrets"].values():
        assert len(secret) < 4 or secret not in f"{caught.value!s}{caught.value!r}"


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("type_", POLLED)
async def test_trouble_at_the_service_is_temporary(
    type_: str, status: int, service: Service, session: aiohttp.ClientSession
) -> None:
    service.replies = Same(Reply({"error": "no"}, status))
    with pytest.raises(TemporaryError):
        await built(type_, session, asked_at(type_, service.url)).fetch(None)
    assert service.asked


@pytest.mark.parametrize("type_", POLLED)
async def test_a_service_that_asks_for_patience_gets_it(
    type_: str, service: Service, session: aiohttp.ClientSession
) -> None:
    service.replies = Same(Reply({"error": "no"}, 429, {"Retry-After": "77"}))
    with pytest.raises(RateLimited) as caught:
        await built(type_, session, asked_at(type_, service.url)).fetch(None)
    assert caught.value.retry_after == timedelta(seconds=77)
    assert len(service.asked) == 1, "it is not asked again at once"


@pytest.mark.parametrize("body", [b"", b"<html>maintenance</html>", b"[]", b"{}", b"null", b'{"data": 7}', b"\xff\x00"])
@pytest.mark.parametrize("type_", POLLED)
async def test_a_strange_answer_is_an_error_of_ours_or_an_empty_page(
    type_: str, body: bytes, service: Service, session: aiohttp.ClientSession
) -> None:
    service.replies = Same(Reply(body))
    try:
        batch = await built(type_, session, asked_at(type_, service.url)).fetch(None)
    except ServiceError as err:
        assert str(err)
    else:
        assert batch.mentions == ()


@pytest.mark.parametrize("cursor", ["", "7", "{", '{"since":[]}', "\ud800", "x" * 10_000])
@pytest.mark.parametrize("type_", POLLED)
async def test_a_strange_cursor_is_no_reason_to_fall_over(
    type_: str, cursor: str, service: Service, session: aiohttp.ClientSession
) -> None:
    service.replies = Same(Reply({"error": "no"}, 503))
    with pytest.raises(TemporaryError):
        await built(type_, session, asked_at(type_, service.url)).fetch(cursor)


@pytest.mark.parametrize("type_", [type_ for type_, kind in SOURCES.items() if kind.pushed])
async def test_one_that_is_pushed_to_has_nothing_to_poll(type_: str, session: aiohttp.ClientSession) -> None:
    batch = await built(type_, session, VALID[type_]).fetch("kept")
    assert (batch.mentions, batch.cursor, batch.more) == ((), "kept", False)


@pytest.mark.parametrize("type_", SOURCES)
def test_an_unknown_option_and_an_unknown_secret_are_named(type_: str) -> None:
    right = VALID[type_]
    given = {**right, "options": {**right.get("options", {}), "colour": 1}}
    problems = check_source(type_, "one", **{**given, "secrets": {**right.get("secrets", {}), "shoe_size": "x"}})
    assert any("option `colour` is not known" in problem for problem in problems)
    assert any("secret `shoe_size` is not known" in problem for problem in problems)
    assert all(problem.startswith(f"source 'one' ({type_}): ") for problem in problems)
