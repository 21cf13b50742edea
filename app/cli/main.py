"""The entrance: hands each command to its file; a user's mistake is one sentence and exit code 2, a failure 1."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Annotated

import structlog
import typer

from domain.errors import ConfigError, ServiceError
from domain.privacy.pii import mask

# command -> the module of app.cli that has it; only the one that is asked for is imported, which saves seconds
ROOMS = {
    "init": "init", "check-config": "check", "run": "run", "demo": "demo", "fetch": "fetch", "classify": "classify",
    "render": "render", "doctor": "doctor", "detect": "detect", "backtest": "backtest",
    "bounces": "bounces", "corrections": "team", "password": "team", "person": "person",
    "stop-posting": "posting", "resume-posting": "posting",
    "report": "report",
}  # fmt: skip


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"hubbub {metadata.version('hubbub')}")
        raise typer.Exit


def make_app(asked: str | None) -> typer.Typer:
    """Build the command line: with one command when it is known, else with all of them (for --help and typos)."""
    app = typer.Typer(
        name="hubbub", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="Hear what customers say in public, tell the people who can act, tell the customers the truth early.",
    )  # fmt: skip
    app.callback()(_any_command)  # without a callback, an app with one command takes no command name
    rooms = [ROOMS[asked]] if asked in ROOMS else sorted(set(ROOMS.values()))
    for room in rooms:
        importlib.import_module(f"app.cli.{room}").register(app)
    return app


def _any_command(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Say which.")
    ] = False,
) -> None:
    """Hear what customers say in public, tell the people who can act, tell the customers the truth early."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `hubbub` and end the process with its exit code."""
    set_up_logs(os.environ.get("LOG_LEVEL", "INFO"))
    sys.exit(run_command(sys.argv[1:] if arguments is None else arguments))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; returns 0, 1 (it failed) or 2 (usage or settings)."""
    asked = next((word for word in arguments if not word.startswith("-")), None)
    command = typer.main.get_command(make_app(asked))
    try:
        code = command.main(list(arguments), prog_name="hubbub", standalone_mode=False)
    except typer.TyperException as err:
        words = getattr(err, "format_message", err.__str__)()  # names the option that is meant
        return _say(words, 2) if words else 2
    except ConfigError as err:
        return _say("\n".join(err.problems), 2)
    except ServiceError as err:
        return _say(str(err), 1)
    except (KeyboardInterrupt, typer.Abort):
        return _say("stopped", 130)
    except BrokenPipeError:
        sys.stdout = None  # the reader left; nothing more can be said to it
        return 1
    return code if isinstance(code, int) else 0


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"hubbub: {text}\n")
    return code


class _Masked(structlog.stdlib.ProcessorFormatter):
    """Hides what a foreign error may quote of a customer; our own lines name ids only."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record)).text


def set_up_logs(level: str) -> None:
    """Log to stderr, one line each, through structlog; other libraries only when something is wrong."""
    known = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _Masked(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # The pretty tracebacks show local variables: secrets and customers' words.
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                ),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # A round that takes longer than its interval is skipped once, which is meant; its own failures are logged by us.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    for room in ("app", "listener", "sentiment", "alerts", "status_page", "config"):
        logging.getLogger(room).setLevel(known)


if __name__ == "__main__":
    main()
