"""Puts all doors on one web application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import outfit
from app.desk.asking import FeedbackLinks
from app.web.bounces import BounceDoor
from app.web.desk import add_desk
from app.web.doors import SlackDoors
from app.web.feedback import LIFE, FeedbackDoors
from app.web.inbound import REPORTS, Inbound, Pace, sort_out
from app.web.monitors import MonitorDoor
from app.web.report import FROM_NETWORK, ReportDoor
from app.web.site import SiteDoor, safe_headers
from app.web.subscribe import SubscribeDoors
from app.wiring import Hubbub
from listener.sources.form import Form
from status_page.pages.feedback_pages import FeedbackPages
from status_page.pages.lost import imprint_of
from status_page.pages.report_pages import ReportPages


def wall_clock() -> datetime:
    """Give the real time: signatures age by it, also where hubbub itself runs on a fast clock."""
    return datetime.now(UTC)


LOOPBACK = frozenset({"127.0.0.1", "::1"})
MAX_BODY = 5_000_000  # bytes of any request


def make_web(hubbub: Hubbub, reports_per_address: int = REPORTS) -> web.Application:
    """Build the web application of one hubbub: page, feeds, form, webhooks, Slack's doors, desk, health."""
    application = web.Application(client_max_size=MAX_BODY, middlewares=[safe_headers])
    forms, hooks = sort_out(hubbub.sources)
    languages = hubbub.settings.brand.languages
    # Before those of the sources, which answer 404 for every name they do not know.
    application.add_routes(BounceDoor(hubbub.subscribers.bounces, _bounces_secret(hubbub)).routes())
    application.add_routes(Inbound(hubbub.intake, hooks).routes())
    application.add_routes(_reports(hubbub, forms, reports_per_address).routes())
    monitors = outfit.monitors(hubbub.settings, hubbub.secrets)
    application.add_routes(MonitorDoor(hubbub.monitors, monitors, hubbub.now).routes())
    room = hubbub.subscribers
    hosts = hubbub.settings.subscribers.push_hosts
    doors = SubscribeDoors(room.sign_up, room.links, room.pages, room.channels, languages, hubbub.now, hosts)
    application.add_routes(doors.routes())
    application.add_routes(_feedback(hubbub).routes())
    signing = hubbub.secrets.slack_signing_secret
    if hubbub.slack_desk is not None and signing is not None:
        application.add_routes(SlackDoors(hubbub.slack_desk, signing.get_secret_value(), wall_clock).routes())
    health = Health(hubbub)
    application.add_routes([web.get("/healthz", health.alive), web.get("/readyz", health.ready)])
    application.router.add_get("/metrics", health.metrics)
    add_desk(application, hubbub)
    return application


def _reports(hubbub: Hubbub, forms: Sequence[Form], per_address: int) -> ReportDoor:
    """Build the doors of the page's forms; they go by the real time, as the browsers' clocks do."""
    pages, crowd = [ReportPages(site) for site in hubbub.page.bare_sites()], Pace(max(FROM_NETWORK, per_address))
    return ReportDoor(hubbub.intake, forms, hubbub.components.keys(), pages, wall_clock, Pace(per_address), crowd)


def _feedback(hubbub: Hubbub) -> FeedbackDoors:
    room, languages = hubbub.subscribers, hubbub.settings.brand.languages
    links = FeedbackLinks(room.links.key, room.links.public_url)
    return FeedbackDoors(hubbub.store, links, FeedbackPages(room.pages.site, LIFE), languages, hubbub.now)


def _bounces_secret(hubbub: Hubbub) -> str:
    secret = hubbub.secrets.bounces_secret
    return secret.get_secret_value() if secret is not None else ""


def add_site(application: web.Application, hubbub: Hubbub) -> None:
    """Add the page last: it answers for every path that nobody else has."""

    async def ready() -> None:
        if hubbub.page.printed is None:
            await hubbub.page.refresh()

    page = hubbub.page
    imprints = {sheet.out_dir: imprint_of(site) for sheet, site in zip(page.sheets, page.bare_sites(), strict=True)}
    door = SiteDoor(page.out_dir, ready, page.hosts, imprints)
    application.router.add_get("/{path:.*}", door.page)
    application.router.add_options("/{path:.*}", door.preflight)


class Health:
    """Says how we are, for supervisors."""

    def __init__(self, hubbub: Hubbub) -> None:
        """Look at `hubbub`."""
        self._hubbub = hubbub

    async def alive(self, request: web.Request) -> web.Response:
        """Answer while the event loop turns."""
        return web.Response(text="ok\n")

    async def ready(self, request: web.Request) -> web.Response:
        """Answer 200 while the store answers and the page can be printed, 503 with the reasons otherwise."""
        reasons = [] if self._hubbub.page.failing is None else [f"page: {self._hubbub.page.failing}"]
        if self._hubbub.classifier_note is not None:
            reasons.append(f"classifier: {self._hubbub.classifier_note}")
        status = 200 if self._hubbub.page.failing is None else 503
        return web.json_response({"ready": status == 200, "notes": reasons}, status=status)

    async def metrics(self, request: web.Request) -> web.Response:
        """Answer Prometheus, on this machine only: how many complaints wait is nobody else's business."""
        if request.remote not in LOOPBACK or "X-Forwarded-For" in request.headers:
            raise web.HTTPForbidden(text="Metrics are for this machine only.\n")
        body = generate_latest(self._hubbub.metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
