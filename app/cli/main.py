"""The entrance: hands each command to its file; a user's mistake is one sentence and exit code 2, a failure 1."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

import click
import structlog
import typer

from app.cli import check, classify, demo, detect, doctor, fetch, init, render, run, team
from domain.errors import ConfigError, ServiceError

app = typer.Typer(
    name="hubbub", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Hear what customers say in public, tell the people who can act, tell the customers the truth early.",
)  # fmt: skip
for room in (init, check, run, demo, fetch, classify, render, doctor, detect, team):
    room.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `hubbub` and end the process with its exit code."""
    set_up_logs(os.environ.get("LOG_LEVEL", "INFO"))
    sys.exit(run_command(sys.argv[1:] if arguments is None else arguments))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; returns 0, 1 (it failed) or 2 (usage or settings)."""
    command = typer.main.get_command(app)
    try:
        code = command.main(list(arguments), prog_name="hubbub", standalone_mode=False)
    except click.ClickException as err:
        return _say(err.format_message(), 2)
    except ConfigError as err:
        return _say("\n".join(err.problems), 2)
    except ServiceError as err:
        return _say(str(err), 1)
    except (KeyboardInterrupt, click.Abort):
        return _say("stopped", 130)
    except BrokenPipeError:
        sys.stdout = None  # the reader left; nothing more can be said to it
        return 1
    return code if isinstance(code, int) else 0


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"hubbub: {text}\n")
    return code


def set_up_logs(level: str) -> None:
    """Log to stderr, one line each, through structlog; other libraries only when something is wrong."""
    known = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ("app", "listener", "sentiment", "alerts", "status_page", "config"):
        logging.getLogger(room).setLevel(known)


if __name__ == "__main__":
    main()
