"""`hubbub init`: a commented `hubbub.yaml` from at most five questions."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import DEFAULT_CONFIG
from app.files import write_atomically
from config.load import load_settings
from config.settings import LANGUAGES
from config.template import Answers, fill
from domain.errors import ConfigError

Brand = Annotated[str | None, typer.Option(help="The name customers know.")]
Languages = Annotated[str | None, typer.Option(help="Of the page, e.g. en,tr,fa; the first is the default.")]
Query = Annotated[str | None, typer.Option(help="The word to listen for; default: the name.")]
SlackMode = Annotated[str | None, typer.Option(help="off, http or socket.")]
Address = Annotated[str | None, typer.Option("--public-url", help="Where customers will find the page.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    path: Annotated[Path, typer.Argument(help="The file to write.")] = DEFAULT_CONFIG,
    brand: Brand = None, languages: Languages = None, query: Query = None, slack: SlackMode = None,
    public_url: Address = None,
    force: Annotated[bool, typer.Option(help="Overwrite an existing file.")] = False,
) -> None:  # fmt: skip
    """Write commented settings; what is not given as a flag is asked (on a terminal)."""
    if path.exists() and not force:
        raise ConfigError(f"{path}: is there already; --force overwrites it")
    brand = brand or _ask("Name of the brand", "")
    if not brand.strip():
        raise ConfigError("--brand: the brand needs a name")
    answers = Answers(
        brand=brand.strip(), languages=_languages(languages or _ask("Languages of the page", "en,tr,fa")),
        query=query or _ask("Word to listen for", brand), slack=slack or _ask("Slack (off, http, socket)", "off"),
        public_url=public_url or _ask("Address of the page", "http://127.0.0.1:8080"),
    )  # fmt: skip
    _write_checked(path, fill(answers).encode())
    typer.echo(f"{path}: written. Next: hubbub check-config -c {path}, then hubbub run -c {path}")


def _write_checked(path: Path, content: bytes) -> None:
    """Put the settings in place once they can be read: what was there before must not be lost to a bad answer."""
    draft = path.with_name(f".{path.name}.draft")
    write_atomically(draft, content)
    try:
        load_settings(draft)
        write_atomically(path, content)
    except ConfigError as err:
        raise ConfigError(*(problem.removeprefix(f"{draft}: ") for problem in err.problems)) from err
    finally:
        draft.unlink(missing_ok=True)


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    return str(typer.prompt(question, default=default or None))


def _languages(text: str) -> list[str]:
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    strange = [part for part in wanted if part not in LANGUAGES]
    if strange or not wanted:
        raise ConfigError(f"--languages: choose from {', '.join(LANGUAGES)}, not {', '.join(strange) or 'nothing'}")
    return wanted
