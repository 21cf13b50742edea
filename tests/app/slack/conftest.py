"""A local Slack beside an office, and an incident in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from domain.incidents.incident import Incident
from tests.app.desk.office import open_office
from tests.app.desk.slack_town import SlackTown, open_town


@pytest.fixture
async def town() -> AsyncIterator[SlackTown]:
    """An office with Slack, its doors open."""
    async with open_office() as office, open_town(office) as opened:
        yield opened


@pytest.fixture
async def going(town: SlackTown) -> Incident:
    """An incident whose card stands in #on-call."""
    made = await town.office.declare()
    await town.outbox().run()
    return await town.office.get(made)  # type: ignore[no-any-return]
