"""What only the team's store must do: no password in any message, its own indexes, an outage that can be waited for."""

from __future__ import annotations

import socket
from typing import Any

import pymongo
import pytest

from app.store import Where, open_store
from app.store.mongo import conditions, host_of, open_mongo
from app.store.schema import SCHEMA_VERSION, TABLES, table_of
from domain.care.case import Case
from domain.errors import AuthError, ConfigError, PermanentError, TemporaryError
from domain.heard.mention import MentionRecord
from tests.app.store.records import NOON, case, heard
from tests.mongo_server import require_or_skip

HOSTS = [
    ("mongodb://db", "db"), ("mongodb://ana:s3cret@db:27017/hubbub?tls=true", "db:27017"),
    ("mongodb://ana:s3cr@t@a:1,b:2/", "a:1,b:2"), ("mongodb+srv://ana@x.mongodb.net?w=1", "x.mongodb.net"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "host"), HOSTS)
def test_only_the_hosts_of_a_url_are_shown(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("rest", ["ana:s3cret@db:port", "ana:s3:cret@db", "", "s3:x@/hubbub"])
async def test_a_url_that_cannot_be_read_is_not_repeated(rest: str) -> None:
    with pytest.raises(ConfigError, match="The MongoDB URL cannot be read") as err:
        await open_store(f"mongodb://{rest}")
    assert "s3" not in str(err.value)
    assert err.value.__suppress_context__


async def test_a_server_that_does_not_answer_is_a_temporary_trouble_without_the_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(TemporaryError, match=f"MongoDB at {host} cannot be reached") as err:
            await open_mongo(f"mongodb://ana:s3cret@{host}/hubbub", wait=0.3)
    assert "s3cret" not in str(err.value)


def test_a_missing_server_is_a_skip_and_a_failure_where_real_parts_are_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HUBBUB_REQUIRE_REAL_PARTS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="not installed"):
        require_or_skip("not installed")
    monkeypatch.setenv("HUBBUB_REQUIRE_REAL_PARTS", "1")
    with pytest.raises(pytest.fail.Exception, match="not installed"):
        require_or_skip("not installed")


QUERIES: list[tuple[list[Where], dict[str, Any]]] = [
    ([], {}),
    ([Where("status", "eq", "open")], {"$and": [{"status": {"$eq": "open"}}]}),
    ([Where("id", "ne", "c1")], {"$and": [{"_id": {"$ne": "c1"}}]}),
    ([Where("due_at", "le", NOON)], {"$and": [{"due_at": {"$lte": NOON}}]}),
    ([Where("due_at", "le", None)], {"$and": [{"due_at": {"$in": []}}]}),
    (
        [Where("due_at", "gt", NOON), Where("due_at", "lt", NOON)],
        {"$and": [{"due_at": {"$gt": NOON}}, {"due_at": {"$lt": NOON}}]},
    ),
    ([Where("component", "in_", ("a", None))], {"$and": [{"component": {"$in": ["a", None]}}]}),
]


@pytest.mark.parametrize(("where", "query"), QUERIES)
def test_conditions_become_a_query_with_every_value_behind_an_operator(
    where: list[Where], query: dict[str, Any]
) -> None:
    assert conditions(table_of(Case), where) == query


@pytest.mark.mongo
async def test_a_refused_login_is_an_auth_error_without_the_password(mongo_uri: str) -> None:
    with pytest.raises(AuthError, match="refuses this user") as err:
        await open_store(mongo_uri.replace("mongodb://", "mongodb://nobody:s3cret@"))
    assert "s3cret" not in str(err.value)


@pytest.mark.mongo
async def test_documents_carry_their_fields_as_mongodb_types_for_people_who_look(mongo_uri: str) -> None:
    store = await open_store(mongo_uri)
    await store.delete(Case)
    await store.add(case())
    await store.close()
    with pymongo.MongoClient[dict[str, Any]](mongo_uri, tz_aware=True) as client:
        document = client.get_default_database()["cases"].find_one({"due_at": {"$gt": NOON}})
    assert document is not None
    assert (document["_id"], document["status"], document["open_key"]) == ("c1", "open", "p1|payments")
    assert document["record"]["reason"] == {"code": "complaint", "score": 0.93, "words": ["ödeme"]}


@pytest.mark.mongo
async def test_every_declared_index_is_created(mongo_uri: str) -> None:
    await (await open_store(mongo_uri)).close()
    with pymongo.MongoClient[dict[str, Any]](mongo_uri) as client:
        for table in TABLES:
            known = client.get_default_database()[table.name].index_information().values()
            keys = {tuple(name for name, _ in index["key"]): index.get("unique", False) for index in known}
            assert all(keys.get((*index, "_id")) is False for index in table.indexes)
            assert all(keys.get((key,)) is True for key in table.unique)


@pytest.mark.mongo
async def test_a_changed_schema_is_rebuilt_from_the_records(mongo_uri: str) -> None:
    store = await open_store(mongo_uri)
    await store.delete(MentionRecord)
    await store.add(heard(text="ödeme yok"))
    await store.close()
    with pymongo.MongoClient[dict[str, Any]](mongo_uri) as client:
        database = client.get_default_database()
        database["mentions"].update_many({}, {"$unset": {"person_id": 1, "words": 1}})
        database["meta"].update_one({"_id": "mentions"}, {"$set": {"fields": ["id"]}})
    store = await open_store(mongo_uri)
    assert await store.find(MentionRecord, Where("person_id", "eq", "p1")) == [heard(text="ödeme yok")]
    assert len(await store.search_mentions("ödeme", 5)) == 1
    await store.close()


@pytest.mark.mongo
async def test_a_database_of_a_newer_hubbub_is_left_alone(mongo_uri: str) -> None:
    await (await open_store(mongo_uri)).close()
    with pymongo.MongoClient[dict[str, Any]](mongo_uri) as client:
        meta = client.get_default_database()["meta"]
        meta.update_one({"_id": "cases"}, {"$set": {"version": SCHEMA_VERSION + 1}})
        with pytest.raises(ConfigError, match="written by a newer hubbub"):
            await open_store(mongo_uri)
        meta.delete_many({})


@pytest.mark.mongo
async def test_a_damaged_record_never_hides_the_others(mongo_uri: str, caplog: pytest.LogCaptureFixture) -> None:
    store = await open_store(mongo_uri)
    await store.delete(MentionRecord)
    await store.add(heard("m1"), heard("m2"))
    with pymongo.MongoClient[dict[str, Any]](mongo_uri) as client:
        client.get_default_database()["mentions"].update_one({"_id": "m1"}, {"$unset": {"record.mention": 1}})
    assert [known.id for known in await store.find(MentionRecord)] == ["m2"]
    assert "A stored MentionRecord cannot be read: mention" in caplog.text
    with pytest.raises(PermanentError, match="cannot be read"):
        await store.get(MentionRecord, "m1")
    await store.delete(MentionRecord)
    await store.close()
