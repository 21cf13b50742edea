"""Loads `hubbub.yaml` and the secrets; every problem is reported at once, with file, key path and a hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr, ValidationError

from config.paths import from_folder, store_from
from config.secrets import Secrets, read_secrets
from config.settings import Settings
from domain.errors import ConfigError

MAX_BYTES = 1_000_000


class _Twice(yaml.MarkedYAMLError):
    """A key is given twice."""


class _Loader(yaml.SafeLoader):
    """Refuses a key that is given twice, of which YAML would silently keep the last."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """Read one mapping with all its keys."""
        node = super().compose_mapping_node(anchor)
        lines: dict[str, int] = {}
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in lines:
                words = f"the key {key.value!r} is given twice, first in line {lines[key.value]}"
                raise _Twice(problem=words, problem_mark=key.start_mark)
            lines[key.value] = key.start_mark.line + 1
        return node


def load_settings(path: Path) -> Settings:
    """Read the settings of one file; relative paths begin at its folder. Raises ConfigError with all problems."""
    tree = _read(path)
    try:
        return from_folder(Settings.model_validate(tree), path.parent)
    except ValidationError as err:
        problems = [f"{path}: {line}" for line in _problems(err)]
        raise ConfigError(*problems) from err


def load(path: Path, environment: Mapping[str, str]) -> tuple[Settings, Secrets]:
    """Read settings and secrets together, so that the problems of both come at once."""
    problems: list[str] = []
    settings: Settings | None = None
    try:
        settings = load_settings(path)
    except ConfigError as err:
        problems += err.problems
    try:
        secrets = read_secrets(environment, _names(settings))
    except ConfigError as err:
        problems += err.problems
        secrets = Secrets()
    if problems or settings is None:
        raise ConfigError(*problems)
    return settings, _store_from(secrets, path.parent)


def _store_from(secrets: Secrets, folder: Path) -> Secrets:
    if secrets.store is None:
        return secrets
    url = store_from(secrets.store.get_secret_value(), folder)
    return secrets.model_copy(update={"store": SecretStr(url)})


def _names(settings: Settings | None) -> list[str] | None:
    if settings is None:
        return None
    sources, outlets, monitors = settings.sources, settings.publishers, settings.monitors
    return [*(s.name for s in sources), *(p.name for p in outlets), *(m.name for m in monitors)]


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file; `hubbub init` writes one") from None
    except OSError as err:
        raise ConfigError(f"{path}: cannot be read ({err.strerror})") from err
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{path}: is larger than {MAX_BYTES} bytes; is it really the settings?")
    try:
        tree = yaml.load(raw, _Loader)  # noqa: S506 - a safe loader that only refuses more
    except _Twice as err:
        raise ConfigError(f"{path}{_where(err, raw)}: {_what(err)}") from err
    except yaml.YAMLError as err:
        raise ConfigError(f"{path}{_where(err, raw)}: is not YAML ({_what(err)})") from err
    except (UnicodeDecodeError, RecursionError, ValueError) as err:
        raise ConfigError(f"{path}: is not YAML ({type(err).__name__})") from err
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: must be a mapping that begins with `brand:`")
    return tree


def _where(err: yaml.YAMLError, raw: bytes) -> str:
    if isinstance(err, yaml.reader.ReaderError):  # the only one without a mark; `position` counts characters
        read = raw.decode("utf-8", "replace")[: err.position]
        return f", line {read.count(chr(10)) + 1}"
    mark = getattr(err, "problem_mark", None)
    return f", line {mark.line + 1}" if mark is not None else ""


def _what(err: yaml.YAMLError) -> str:
    return str(getattr(err, "problem", None) or "unreadable characters")


def _problems(err: ValidationError) -> Iterator[str]:
    found = err.errors(include_url=False, include_context=False, include_input=False)
    places = [problem["loc"] for problem in found]
    for problem in found:
        place = problem["loc"]
        inside = any(len(other) > len(place) and other[: len(place)] == place for other in places)
        if problem["type"] == "too_short" and inside:
            continue  # pydantic does not count wrong items, so a list with one wrong item is "empty" as well
        path = ".".join(str(step) for step in place) or "settings"
        yield f"{path}: {_hint(problem['type'], problem['msg'], place)}"


def _hint(kind: str, message: str, place: Sequence[int | str]) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(place[-1]), _keys(place[:-1]), n=1)
        return f"is not known; did you mean {near[0]}?" if near else "is not known"
    return message.removeprefix("Value error, ")


def _keys(place: Sequence[int | str]) -> list[str]:
    """List the keys that are known at a place of the tree."""
    here: Any = Settings
    for step in place:
        if isinstance(step, int):
            continue
        field = here.model_fields.get(step) if isinstance(here, type) and issubclass(here, BaseModel) else None
        here = _model_in(field.annotation) if field is not None else None
    if not (isinstance(here, type) and issubclass(here, BaseModel)):
        return []
    return [field.alias or name for name, field in here.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """Find the model inside tuple[Model, ...] and the like."""
    if isinstance(annotation, type):
        return annotation
    return next((inner for inner in getattr(annotation, "__args__", ()) if isinstance(inner, type)), None)
