"""Hubbub's memory: one narrow protocol, kept by SQLite (embedded) or MongoDB (a team's server)."""

from app.store.open import open_store
from app.store.protocol import Record, Store, Where, update

__all__ = ["Record", "Store", "Where", "open_store", "update"]
