"""Builds the demo: hubbub with ordinary settings, and around it a local Slack and a small social network."""

from __future__ import annotations

import json
import secrets as random_words
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from aiohttp import web
from pydantic import SecretStr

from app.demo.clock import DemoClock, wind
from app.demo.operator import AGENTS, CARE, LEAD, ON_CALL, Operator
from app.demo.scenario.load import OUTAGES_OF_SOURCES, Post, load_components, load_posts
from app.demo.world import World
from app.files import write_atomically
from app.standin.slack import BOT_TOKEN, STAND_IN, SlackStandIn, slack_app
from app.standin.town import TOWN, TOWN_TOKEN, town_app
from app.web.server import add_site, make_web
from app.wiring import Hubbub, build
from config.secrets import Secrets
from config.settings import Settings
from domain.errors import ConfigError

CURTAIN = 2165  # minutes into the scenario: the live demo begins here, 25 minutes before the payment outage
PEOPLE = ((LEAD, "Deniz"), (AGENTS[0], "Selin"), (AGENTS[1], "Darius"), (AGENTS[2], "Maya"))


@dataclass(slots=True)
class Stage:
    """Everything a demo consists of, ready to be played."""

    clock: DemoClock
    posts: Sequence[Post]
    hubbub: Hubbub
    world: World
    operator: Operator
    url: str
    data: Path
    application: web.Application
    slack: SlackStandIn
    polled: dict[str, int] = field(default_factory=dict)  # source -> minute it was asked last
    heard: int = 0  # posts of the world that were said when the sources were asked last


async def set_stage(
    data: Path, host: str, port: int, stack: AsyncExitStack, posts: Sequence[Post] | None = None
) -> Stage:
    """Build the demo in the folder `data` and open its doors; what an earlier run left there is taken up.

    `posts` are said instead of the scenario's.
    """
    make_folder(data)
    keys = _keys(data / "keys.json")
    door = open_door(host, port or int(keys.get("port", "0")))
    _keep_port(data / "keys.json", keys, door.getsockname()[1])
    url = f"http://{host}:{door.getsockname()[1]}"
    clock = wind(data / "clock.json", datetime.now(UTC), timedelta(minutes=CURTAIN))
    posts = load_posts() if posts is None else posts
    clock.keep()
    settings, secrets = demo_settings(data, url), demo_secrets(keys)
    hubbub = await build(settings, secrets, stack, now=clock.now, slack_pace=None)
    await hubbub.remember()
    application = make_web(hubbub, reports_per_address=1000)
    town = town_app(
        data / "town.db", now=clock.now, down=lambda name: _is_down(name, clock.minute), account=("nar", "Nar")
    )
    slack = slack_app(
        data / "slack.db", signing_secret=keys["slack"], hubbub_url=lambda: url, now=clock.now,
        channels=(CARE, ON_CALL), users=PEOPLE,
    )  # fmt: skip
    application.add_subapp("/stand-in/slack/", slack)
    application.add_subapp("/stand-in/town/", town)
    add_site(application, hubbub)
    await _open(application, door, stack)
    world = World(posts, clock, hubbub.session, url, town[TOWN])
    world.write_reviews(data / "reviews.jsonl")
    operator = Operator(hubbub.session, f"{url}/stand-in/slack", BOT_TOKEN, lambda: clock.minute)
    return Stage(clock, posts, hubbub, world, operator, url, data, application, slack[STAND_IN])


def make_folder(data: Path) -> None:
    """Make the folder of a demo. Raises ConfigError when that cannot be."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise ConfigError(f"{data}: cannot be made ({err.strerror})") from err


def open_door(host: str, port: int) -> socket.socket:
    """Take the port (0: any free one) before anything needs to know it. Raises ConfigError when it is taken."""
    try:
        return socket.create_server((host, port))
    except OSError as err:
        raise ConfigError(f"{host}:{port} cannot be opened ({err.strerror}); try --port 0") from err


async def _open(application: web.Application, door: socket.socket, stack: AsyncExitStack) -> None:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, door).start()


def _is_down(name: str, minute: int) -> bool:
    first, last = OUTAGES_OF_SOURCES.get(name, (0, 0))
    return first <= minute < last


def _keys(path: Path) -> dict[str, str]:
    """Make the demo's secrets once; the stand-ins and hubbub share them also after a restart."""
    if path.exists():
        known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return known
    made = {name: random_words.token_hex(24) for name in ("slack", "partners", "desk")}
    path.touch(mode=0o600)
    path.write_text(json.dumps(made), encoding="utf-8")
    return made


def _keep_port(path: Path, keys: dict[str, str], port: int) -> None:
    """Keep the port for the next start: addresses of posts carry it, and must stay the same."""
    if keys.get("port") != str(port):
        path.write_text(json.dumps({**keys, "port": str(port)}), encoding="utf-8")


def demo_secrets(keys: dict[str, str]) -> Secrets:
    """Give the secrets as the environment would."""
    return Secrets(
        slack_bot_token=SecretStr(BOT_TOKEN), slack_signing_secret=SecretStr(keys["slack"]),
        session_key=SecretStr(keys["desk"]), alert_webhook_secret=SecretStr(keys["partners"]),
        named={"mastodon": SecretStr(TOWN_TOKEN), "partners": SecretStr(keys["partners"])},
    )  # fmt: skip


def demo_settings(data: Path, url: str) -> Settings:
    """Give the settings of the invented shop "Nar", as `hubbub.yaml` would hold them."""
    town = f"{url}/stand-in/town"
    tree: dict[str, Any] = {
        "brand": {"name": "Nar", "languages": ["en", "tr", "fa"], "own_accounts": ["nar"]},
        "store": f"sqlite:///{(data / 'hubbub.db').absolute()}",
        "components": load_components(),
        "groups": [
            {"id": "buying", "names": {"en": "Buying", "tr": "Alışveriş", "fa": "خرید"}},
            {"id": "you", "names": {"en": "You and us", "tr": "Hesap ve destek", "fa": "حساب و پشتیبانی"}},
        ],
        "sources": [
            {
                "type": "mastodon",
                "name": "mastodon",
                "base_url": town,
                "every": "PT2M",
                "options": {"timeline": "public"},
            },
            {
                "type": "replay",
                "name": "reviews",
                "every": "PT5M",
                "options": {"path": str(data / "reviews.jsonl"), "until": "now"},
            },
            {"type": "rss", "name": "forum", "every": "PT10M", "options": {"url": f"{town}/forum.atom"}},
            {"type": "form", "name": "form"},
        ],
        "publishers": [
            {"type": "mastodon", "name": "mastodon", "base_url": town},
            {"type": "webhook", "name": "partners", "base_url": f"{town}/hook", "languages": ["en"]},
        ],
        "mail": {"url": f"maildir://{(data / 'mail').absolute()}", "sender": "care@nar.example"},
        "model": {"window_ms": 0, "threads": 2},  # a fast clock has no time to wait for company
        "care": {"channel": CARE},
        "on_call": {"channel": ON_CALL, "second_channel": {"webhook": f"{town}/hook"}},
        "slack": {"mode": "http", "api_url": f"{url}/stand-in/slack/api/"},
        "web": {"host": "127.0.0.1", "port": 0, "public_url": url},
        "network": {"private_hosts": [urlsplit(url).netloc]},  # everything of the demo is on this machine
        "page": {"out_dir": str(data / "site"), "reports_chart": True},
    }
    return Settings.model_validate(tree)


def leave_settings(stage: Stage) -> Path:
    """Write `hubbub.yaml` beside what the demo leaves, so that `hubbub run -c` serves its page and desk afterwards."""
    kept = stage.hubbub.settings.model_dump(mode="json", include={"brand", "store", "components", "groups", "page"})
    kept["sources"] = [{"type": "form", "name": "form"}]
    path = stage.data / "hubbub.yaml"
    write_atomically(path, yaml.safe_dump(kept, allow_unicode=True, sort_keys=False).encode())
    return path
