"""Options from the settings into a source's own dataclass, with a sentence for every mistake."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

Options = TypeVar("Options")


class SecretProblem(str):
    """A problem that the right secret would solve; the registry adds which variable holds it."""

    __slots__ = ()


def read_options(
    kind: type[Options], given: Mapping[str, object], general: tuple[str, ...] = ()
) -> tuple[Options | None, list[str]]:
    """Build the options dataclass `kind`; gives None and the problems when anything is wrong or unknown.

    `general` names options of every source, read elsewhere; they are only listed among the known ones.
    """
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    problems = [unknown("option", key, [*known, *general]) for key in given if key not in known]
    try:
        options = TypeAdapter(kind).validate_python({k: v for k, v in given.items() if k in known})
    except ValidationError as err:
        return None, problems + [_sentence(problem) for problem in err.errors(include_url=False)]
    return (None if problems else options), problems


def unknown(what: str, given: object, known: Collection[str]) -> str:
    """Say that a word is not known, which one was probably meant, and which there are."""
    near = difflib.get_close_matches(str(given), known, 1, 0.6)
    meant = f"; did you mean `{near[0]}`?" if near else "."
    return f"{what} `{given}` is not known{meant} Known: {', '.join(sorted(known)) or 'none'}."


def _sentence(problem: Any) -> str:
    path = ".".join(str(step) for step in problem["loc"])
    if problem["type"] == "missing":
        return f"option `{path}` is missing."
    message = str(problem["msg"])
    return f"option `{path}` is wrong: {message[:1].lower()}{message[1:]}."
