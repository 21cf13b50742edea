"""The declaration of what can be asked for holds together with the records of domain."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from typing import Any

import pytest

import domain
from app.store.schema import TABLES, Table, table_of
from tests.app.store.records import ANA, NOON, case, heard, meaning, one_of_each


def test_every_record_of_domain_is_kept() -> None:
    records = set()
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value):
                fields = {field.name for field in dataclasses.fields(value)}
                records |= {value} if {"id", "version"} <= fields else set()
    assert records == {table.kind for table in TABLES}


@pytest.mark.parametrize("record", one_of_each(), ids=lambda record: type(record).__name__)
def test_every_declared_field_can_be_read_and_has_its_type(record: Any) -> None:
    for field in table_of(type(record)).fields:
        value = field.read(record)
        assert value is None or type(value) is field.type


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_indexes_and_unique_keys_are_declared_fields(table: Table) -> None:
    names = [field.name for field in table.fields]
    assert len(names) == len(set(names))
    assert {name for index in table.indexes for name in index} | set(table.unique) <= set(names)


READ = [
    (heard(), "component", None),
    (heard(classification=meaning("login")), "component", "login"),
    (heard(), "created_at", NOON),
    (heard(), "stage", "new"),
    (case(), "assignee", None),
    (case(assignee=ANA), "assignee", "U1"),
    (case(), "open_key", "p1|payments"),
]


@pytest.mark.parametrize(("record", "name", "value"), READ)
def test_a_field_is_read_through_its_parts(record: Any, name: str, value: Any) -> None:
    assert table_of(type(record)).field(name).read(record) == value
