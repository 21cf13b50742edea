"""Whom the owner's own settings let hubbub connect to: what is plainly meant, and nobody a feed sends us to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app import outfit
from app.cli.fetch import _fetch
from config.secrets import Secrets
from config.settings import Settings
from domain.errors import ConfigError, PermanentError
from tests.app.cli.running import SETTINGS

FEED = '<rss version="2.0"><channel><item><guid>{0}</guid><title>{0}</title></item></channel></rss>'


def settings(**more: Any) -> Settings:
    tree = {"brand": {"name": "Nar"}, "components": [{"id": "payments", "names": {"en": "Payments"}}], **more}
    return Settings.model_validate(tree)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def test_private_hosts_are_those_named_and_those_written_into_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.internal:3128")
    made = settings(
        network={"private_hosts": ["10.1.0.0/16"]},
        sources=[
            {"type": "mastodon", "name": "a", "base_url": "http://127.0.0.1:3000", "options": {"tags": ["nar"]}},
            {"type": "rss", "name": "b", "options": {"url": "http://forum:8080/feed"}},
            {"type": "rss", "name": "c", "options": {"url": "https://news.example/feed", "more": [{"at": "http://[::1]/"}]}},
        ],
        publishers=[{"type": "webhook", "name": "d", "base_url": "https://partner.lan/hook"}],
        on_call={"second_channel": {"webhook": "http://192.168.1.9/alert"}},
        providers=[{"name": "e", "url": "https://status.internal/status.json"}],
        slack={"api_url": "http://localhost:9000/api/"},
    )  # fmt: skip
    assert set(outfit.trusted_hosts(made)) == {
        "10.1.0.0/16", "127.0.0.1:3000", "forum:8080", "[::1]:80", "partner.lan:443", "192.168.1.9:80",
        "status.internal:443", "localhost:9000", "proxy.internal:3128",
    }  # fmt: skip


def test_our_own_page_and_desk_are_nobody_to_be_redirected_to() -> None:
    made = settings(web={"host": "127.0.0.1", "port": 8080, "public_url": "http://127.0.0.1:8080"})
    assert outfit.trusted_hosts(made) == ()


def test_a_private_host_that_cannot_be_read_is_named_by_check_config() -> None:
    with pytest.raises(ConfigError, match=r"network\.private_hosts: '10\.0\.0\.0/99' is no name, address or network"):
        outfit.check(settings(network={"private_hosts": ["10.0.0.0/99"]}), Secrets())


@pytest.fixture
async def inside() -> AsyncIterator[TestServer]:
    """A service of this machine that the settings do not mention."""

    async def secret(request: web.Request) -> web.Response:
        return web.Response(text=FEED.format("secret"))

    app = web.Application()
    app.router.add_get("/feed", secret)
    server = TestServer(app)
    async with server:
        yield server


@pytest.fixture
async def feed(inside: TestServer) -> AsyncIterator[TestServer]:
    """A feed that the owner wrote into the settings, and that sends us on to the inside."""

    async def moved(request: web.Request) -> web.Response:
        raise web.HTTPFound(inside.make_url("/feed"))

    app = web.Application()
    app.router.add_get("/feed", moved)
    server = TestServer(app)
    async with server:
        yield server


async def fetch(folder: Path, feed: TestServer, more: str = "") -> None:
    path = folder / "hubbub.yaml"
    source = f"  - {{type: rss, name: news, options: {{url: '{feed.make_url('/feed')}'}}}}\n"
    path.write_text(SETTINGS.format(folder=folder).replace("page: {out_dir", f"{source}{more}page: {{out_dir"))
    # In a loop of its own, as the command line runs it; the servers go on in this one.
    await asyncio.to_thread(asyncio.run, _fetch("news", path, None, False))


async def test_a_feed_cannot_send_us_to_a_service_behind_our_walls(
    feed: TestServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(PermanentError, match=r"^127\.0\.0\.1 points to a private network address"):
        await fetch(tmp_path, feed)
    assert "secret" not in capsys.readouterr().out


async def test_it_can_when_the_owner_allows_it(
    feed: TestServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await fetch(tmp_path, feed, "network: {private_hosts: [127.0.0.1]}\n")
    assert '"native_id": "secret"' in capsys.readouterr().out
