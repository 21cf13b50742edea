"""Speed and memory of the bundled classifier, beside a torch pipeline: `python -m bench.classifier [--json PATH]`.

Texts of 32 tokens. The peer is a Hugging Face `pipeline` in torch fp32 with a network of XLM-R-base size (12 layers of
768, random weights): it needs the extra `[torch]`; without it only our own figures are printed. Then a table of
published peers. Aim: 40 times the peer's throughput in batches of 32, 35 times at batch 1.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sentiment.classifier import BUNDLED, BundledClassifier

Work = Callable[[], object]
Runner = Callable[[int], object]
"""Classifies so many texts in one pass."""
_SENTENCE = "the app has been down since this morning and nobody answers me, please fix it now because I need my money"
_TOKENS = 32
_SECONDS = 2.0
_ROUNDS = 5
_BATCHES = (32, 1)
_PEERS = (
    ("ours", "int8/int4 ONNX, {layers} layers", "{size} MB", "see above"),
    ("cardiffnlp/twitter-xlm-roberta-base-sentiment", "fp32, 12 layers, 278M", "1,110 MB", "UMSAB 69.4"),
    ("cardiffnlp/twitter-roberta-base-sentiment-latest", "fp32, 12 layers, 125M, English", "500 MB", "TweetEval 73.7"),
    ("finiteautomata/bertweet-base-sentiment-analysis", "fp32, 12 layers, 135M, English", "540 MB", "TweetEval 73.4"),
    ("VADER (lexicon, English)", "word list", "0.4 MB", "no kinds, no Turkish, no Persian"),
)


def best_rate(work: Work, texts: int) -> float:
    """Texts a second of the quickest of the passes of two seconds: what the machine can do when left alone."""
    work()
    best, end = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < end or best == float("inf"):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return texts / best


def in_turn(works: Sequence[Work], texts: int) -> list[float]:
    """The best rate of each work over rounds in which they take turns.

    A machine that others slow down for some seconds slows all of them, not only the one that was measured just then.
    """
    rounds = [[best_rate(work, texts) for work in works] for _ in range(_ROUNDS)]
    return [max(rates) for rates in zip(*rounds, strict=True)]


def memory() -> float:
    """Peak resident memory of this process in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024


def texts_of(tokenizer: Any, count: int) -> list[str]:
    """`count` different texts of 32 tokens."""
    words = tokenizer.encode(_SENTENCE).ids[1:]
    return [f"{number} {tokenizer.decode(words[: _TOKENS - 3])}" for number in range(10, 10 + count)]


def ours(threads: int) -> tuple[Runner, dict[str, float]]:
    """The bundled classifier, everything included (language id to verdict), with its time to load and its memory."""
    start = time.perf_counter()
    classifier = BundledClassifier(threads=threads)
    loaded = time.perf_counter() - start
    texts = texts_of(classifier._tokenizer, max(_BATCHES))
    best_rate(lambda: classifier.classify(texts), len(texts))
    return lambda count: classifier.classify(texts[:count]), {"load s": loaded, "resident MB": memory()}


def torch_pipeline(threads: int) -> Runner | None:
    """The same for a torch fp32 `pipeline` of XLM-R-base size, or None without torch."""
    try:
        import torch
        from transformers import AutoTokenizer, XLMRobertaConfig, XLMRobertaForSequenceClassification, pipeline
    except ImportError:
        return None
    torch.set_num_threads(threads)
    # A small vocabulary: looking up rows costs the same in a large table.
    config = XLMRobertaConfig(vocab_size=100_000, max_position_embeddings=514, num_labels=3, hidden_size=768)
    tokenizer = AutoTokenizer.from_pretrained(BUNDLED)
    network = XLMRobertaForSequenceClassification(config)
    run = pipeline("text-classification", model=network, tokenizer=tokenizer, device=-1)
    texts = texts_of(tokenizer.backend_tokenizer, max(_BATCHES))
    return lambda count: run(texts[:count], batch_size=count)


def rates(runners: Sequence[Runner]) -> dict[int, list[float]]:
    """Texts a second of each runner, for each size of batch."""
    return {count: in_turn([partial(runner, count) for runner in runners], count) for count in _BATCHES}


def report(own: dict[str, float], measured: dict[int, list[float]], size: float) -> dict[str, str]:
    """What the model card shows; `measured`: our rate and, where there is one, the peer's."""
    lines = {"model folder": f"{size:.1f} MB", "peak resident memory, batches of 32": f"{own['resident MB']:.0f} MB"}
    for count, (mine, *peers) in measured.items():
        beside = [f" ({mine / peer:.1f} times the torch fp32 pipeline's {peer:.1f})" for peer in peers]
        lines[f"texts/s, batch {count}"] = f"{mine:.0f}{''.join(beside)}"
    lines["single text"] = f"{1000 / measured[1][0]:.1f} ms"
    lines["time to load"] = f"{own['load s']:.2f} s"
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures and the peer table; `--json` keeps the figures for the model card."""
    parser = argparse.ArgumentParser(prog="python -m bench.classifier", description=__doc__)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    size = sum(path.stat().st_size for path in BUNDLED.iterdir()) / 1e6
    mine, own = ours(options.threads)
    peer = torch_pipeline(options.threads)
    lines = report(own, rates([mine] if peer is None else [mine, peer]), size)
    for name, value in lines.items():
        print(f"{name:40s} {value}")
    print()
    layers = json.loads((BUNDLED / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"]
    for row in _PEERS:
        print(" | ".join(cell.format(size=f"{size:.0f}", layers=layers) for cell in row))
    if options.json:
        options.json.write_text(json.dumps(lines, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
