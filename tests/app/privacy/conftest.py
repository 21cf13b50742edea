"""Both stores, and a life that left its traces everywhere."""

from __future__ import annotations

from tests.app.store.conftest import store, store_url  # noqa: F401 - fixtures
from tests.mongo_server import mongo_uri  # noqa: F401 - a fixture
