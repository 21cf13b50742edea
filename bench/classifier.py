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
from pathlib import Path
from typing import Any

from sentiment.classifier import BUNDLED, BundledClassifier

_SENTENCE = "the app has been down since this morning and nobody answers me, please fix it now because I need my money"
_TOKENS = 32
_SECONDS = 4.0
_PEERS = (
    ("ours", "int8/int4 ONNX, {layers} layers", "{size} MB", "see above"),
    ("cardiffnlp/twitter-xlm-roberta-base-sentiment", "fp32, 12 layers, 278M", "1,110 MB", "UMSAB 69.4"),
    ("cardiffnlp/twitter-roberta-base-sentiment-latest", "fp32, 12 layers, 125M, English", "500 MB", "TweetEval 73.7"),
    ("finiteautomata/bertweet-base-sentiment-analysis", "fp32, 12 layers, 135M, English", "540 MB", "TweetEval 73.4"),
    ("VADER (lexicon, English)", "word list", "0.4 MB", "no kinds, no Turkish, no Persian"),
)


def best_rate(work: Callable[[], object], texts: int, seconds: float = _SECONDS) -> float:
    """Texts a second of the quickest of the passes that fit into `seconds`: what the machine can do when left alone."""
    work()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end or best == float("inf"):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return texts / best


def memory() -> float:
    """Peak resident memory of this process in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1024


def texts_of(tokenizer: Any, count: int) -> list[str]:
    """`count` different texts of 32 tokens."""
    words = tokenizer.encode(_SENTENCE).ids[1:]
    return [f"{number} {tokenizer.decode(words[: _TOKENS - 3])}" for number in range(10, 10 + count)]


def ours(threads: int) -> dict[str, float]:
    """Throughput, latency and memory of the bundled classifier, everything included (language id to verdict)."""
    start = time.perf_counter()
    classifier = BundledClassifier(threads=threads)
    loaded = time.perf_counter() - start
    texts = texts_of(classifier._tokenizer, 32)
    return {
        "load s": loaded,
        "texts/s, batch 32": best_rate(lambda: classifier.classify(texts), 32),
        "texts/s, batch 1": best_rate(lambda: classifier.classify(texts[:1]), 1),
        "resident MB": memory(),
    }


def torch_pipeline(threads: int) -> dict[str, float] | None:
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
    texts = texts_of(tokenizer.backend_tokenizer, 32)
    return {
        "texts/s, batch 32": best_rate(lambda: run(texts, batch_size=32), 32, 3 * _SECONDS),
        "texts/s, batch 1": best_rate(lambda: run(texts[:1]), 1),
    }


def report(own: dict[str, float], peer: dict[str, float] | None, size: float) -> dict[str, str]:
    """What the model card shows."""
    lines = {"model folder": f"{size:.1f} MB", "peak resident memory, batches of 32": f"{own['resident MB']:.0f} MB"}
    for name in ("texts/s, batch 32", "texts/s, batch 1"):
        lines[name] = f"{own[name]:.0f}"
        if peer:
            lines[name] += f" ({own[name] / peer[name]:.1f} times the torch fp32 pipeline's {peer[name]:.1f})"
    lines["single text"] = f"{1000 / own['texts/s, batch 1']:.1f} ms"
    lines["time to load"] = f"{own['load s']:.2f} s"
    return lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures and the peer table; `--json` keeps the figures for the model card."""
    parser = argparse.ArgumentParser(prog="python -m bench.classifier", description=__doc__)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--threads", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args(arguments)
    size = sum(path.stat().st_size for path in BUNDLED.iterdir()) / 1e6
    lines = report(ours(options.threads), torch_pipeline(options.threads), size)
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
