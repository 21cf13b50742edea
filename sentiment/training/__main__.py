"""`python -m sentiment.training --base DIR --data DIR`: rebuilds the bundled model, folder and card.

`--base`: the encoder, made from intfloat/multilingual-e5-small (https://huggingface.co/intfloat/multilingual-e5-small)
with its vocabulary cut; the full one works as well and gives a larger folder. `--data`: one folder a language with the
public sets of `sets.py` as `NAME.jsonl.gz`. Needs the extra `[training]` (see docs/model-card.md).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sentiment.training.pipeline import HERE, Job, run, smoke


def main(arguments: list[str] | None = None) -> int:
    """Parses the command line and runs every stage; 2 when a folder is missing."""
    options = _parser().parse_args(arguments)
    missing = [str(path) for path in (options.base / "config.json", options.data) if not path.exists()]
    if missing:
        where = " and ".join(missing)
        print(f"There is nothing at {where}: see docs/model-card.md for base and data.", file=sys.stderr)
        return 2
    job = Job(
        base=options.base,
        data=options.data,
        work=options.work,
        out=options.out,
        card=options.card,
        processes=options.processes,
        seed=options.seed,
    )
    run(smoke(job) if options.smoke else job)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sentiment.training", description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of the encoder")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--work", type=Path, default=Path(".training"), help="checkpoints; delete it to start anew")
    parser.add_argument("--out", type=Path, default=HERE.parent / "model", help="the model folder to write")
    parser.add_argument("--card", type=Path, default=Path("docs/model-card.md"), help="the model card to write")
    parser.add_argument("--processes", type=int, default=2, help="that train together, one batch each")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--smoke", action="store_true", help="a fiftieth of the rows, to see that it works")
    return parser


if __name__ == "__main__":
    sys.exit(main())
