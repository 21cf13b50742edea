"""Print what the outage detector reaches: `python -m bench.outages --seeds 21 22` (about a minute per seed).

`--quick` takes half as many streams (under a minute): enough to see that nothing broke, too few to compare versions.

Streams come from `bench.streams`; `--generator FILE` takes another module with OutageStreams' `make_stream(seed,
size)`. Limits: the streams are made up (waves, campaigns and labels as we believe them to be), and the volume series
with their doubtful labels (`--streams FOLDER`) are five brands of one spring.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from bench.measure import MONTH, Figures, Judged, at_budget, figures, incidents, prepare
from bench.nab import Series, normalised, points, read_series
from bench.streams import SIZES, Outage, Stream, suite
from sentiment.spikes import Bucket, Settings, State, learn, observe
from sentiment.spikes.fleet import Counts, Fleet
from sentiment.spikes.persist import dump
from sentiment.volume import read_volume

MONDAY = 29_193_120  # minutes since the epoch, a Monday midnight
REGIONS = ("region:north", "region:east", "region:south", "region:west")


def buckets(stream: Stream, minutes: int | None = None) -> Iterator[Bucket]:
    """Hand a stream out as a pipeline would."""
    columns = (stream.outage, stream.complaint, stream.neutral, stream.duplicate)
    rows = zip(*(column[:minutes].tolist() for column in columns), stream.regions.T.tolist(), strict=False)
    for i, (outage, complaint, neutral, duplicate, regions) in enumerate(rows):
        yield Bucket(MONDAY + i, outage, complaint, neutral, duplicate, dict(zip(REGIONS, regions, strict=True)))


def judge(stream: Stream) -> Judged:
    """Run the detector over a stream."""
    state, settings = State(), Settings()
    readings = [observe(state, bucket, settings) for bucket in buckets(stream)]
    score = np.array([reading.score for reading in readings])
    return prepare(Judged(stream, score, [reading.state.value for reading in readings]))


def from_generator(path: Path, seed: int, per_size: int) -> Iterator[Stream]:
    """Make the streams with another generator."""
    spec = importlib.util.spec_from_file_location("generator", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python module.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from (_converted(s) for s in _suite_of(module, seed, per_size))


def _suite_of(module: ModuleType, seed: int, per_size: int) -> Iterator[Any]:
    for place, size in enumerate(SIZES):
        for number in range(per_size):
            yield module.make_stream(seed * 1000 + 100 * place + number, size)


def _converted(other: Any) -> Stream:
    broken = [Outage(str(e.kind), int(e.start), int(e.end), int(e.region)) for e in other.outages]
    return Stream(
        other.name, other.size, other.warm, other.out_u,
        np.maximum(other.neg_u - other.out_u, 0), np.maximum(other.tot_u - other.neg_u, 0),
        other.out - other.out_u, other.seg, other.lam0, other.lam1, sorted(broken, key=lambda o: o.start),
    )  # fmt: skip


def report(judged: list[Judged]) -> list[tuple[str, str, str, str]]:
    """Rows of the table: measure, reached, must, aim."""
    month, quarter, machine = at_budget(judged, 1.0), at_budget(judged, 0.25), incidents(judged)
    return [
        ("recall at <= 1 false alarm/month", f"{month.recall:.3f}", ".88", ".93"),
        ("recall at <= .25", f"{quarter.recall:.3f}", ".80", ".88"),
        ("median delay, all / sudden (1/month)", _delays(month), "18 / 12", "15 / 10"),
        ("median delay, all / sudden (.25/month)", _delays(quarter), "", ""),
        ("ratio to the clairvoyant bound (1/month)", f"{_ratio(month):.2f}", "1.4", "1.2"),
        ("alarms per outage (1/month)", f"{month.alarms_per_outage:.2f}", "1.15", "1.03"),
        ("alarms per outage (.25/month)", f"{quarter.alarms_per_outage:.2f}", "1.15", "1.03"),
        ("thresholds (1/month; .25/month)", f"{month.threshold:.2f}; {quarter.threshold:.2f}", "", ""),
        ("recall by size (.25/month)", " ".join(f"{s} {quarter.caught(s):.2f}" for s in SIZES), "", ""),
        ("states: false alarms/month, recall", f"{machine.false_alarms:.2f}, {machine.recall:.3f}", "", ""),
        ("states: median delay", f"{machine.delay:.0f}", "", ""),
        ("states: alarms per outage", f"{machine.alarms_per_outage:.2f}", "1.15", "1.03"),
        ("states: recovering before the true end", f"{machine.early_recoveries:.1%}", "15%", "5%"),
    ]  # fmt: skip


def _delays(found: Figures) -> str:
    return f"{found.delay():.0f} / {found.delay('sudden'):.0f}"


def _ratio(found: Figures) -> float:
    known = found.ratios[~np.isnan(found.ratios)]
    return float(np.median(known))


def costs(stream: Stream) -> list[tuple[str, str, str, str]]:
    """Time one component and ten thousand, and weigh a state."""
    minutes = list(buckets(stream, 9 * 1440))
    clock = time.process_time
    began = clock()
    state = learn(minutes[: 8 * 1440])
    learned = (clock() - began) / (8 * 1440)
    began = clock()
    for bucket in minutes[8 * 1440 :]:
        observe(state, bucket, Settings())
    each = (clock() - began) / 1440
    fleet = Fleet([state] * 10_000)
    columns = (stream.outage, stream.complaint, stream.neutral, stream.duplicate)
    took = []
    for minute in range(9 * 1440, 9 * 1440 + 60):
        began = clock()
        fleet.step(Counts(*(np.full(10_000, float(column[minute])) for column in columns)))
        took.append(clock() - began)
    return [
        (f"one bucket, {stream.size}, four regions", f"{each * 1e6:.0f} us", "50 us", "10 us"),
        (f"one bucket, {stream.size}, learning only", f"{learned * 1e6:.0f} us", "50 us", "10 us"),
        ("10,000 components, one minute: mean / worst", f"{np.mean(took):.4f} / {max(took):.4f} s", "1 s", ".1 s"),
        ("state of one component as JSON", f"{len(json.dumps(dump(state))) / 1000:.1f} kB", "64 kB", "16 kB"),
    ]  # fmt: skip


def volume(brands: list[Series]) -> list[tuple[str, str, str, str]]:
    """Score the volume notice; nothing is fitted here, so each half is as unseen as the other."""
    scored = {series.name: points(series, _notices(series)) for series in brands}
    each = ", ".join(f"{series.name.split('_')[-1]} {normalised(scored, [series]):.0f}" for series in brands)
    halves = [normalised(scored, half) for half in (brands[::2], brands[1::2]) if half]
    said = f"{normalised(scored, brands):.1f} (halves {', '.join(f'{half:.0f}' for half in halves)}; {each})"
    return [("volume notice, NAB standard", said, "62", "70")]


def _notices(series: Series) -> list[int]:
    steps = ((at.replace(tzinfo=UTC), value) for at, value in zip(series.times, series.values, strict=True))
    return [row for row, reading in enumerate(read_volume(steps)) if reading.notice]


def show(rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Print rows as a Markdown table."""
    print("| measure | reached | must | aim |\n|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


LIMITS = """
Limits: the streams are made up, and so are the classifier's errors in them; with {material} outages a recall moves by
{step:.3f} for one outage, and false alarms are counted over {months:.0f} component months. Material: at least 10
reports and 15 nats of evidence to be had. Delay: from the technical onset; missed ones count as infinite. Tuned on
seeds 1-5 of OutageStreams only."""


def main() -> None:
    """Read the options, run, print."""
    options = _options()
    judged: list[Judged] = []
    began = time.monotonic()
    for seed in options.seeds:
        made = (
            from_generator(options.generator, seed, options.per_size)
            if options.generator
            else suite(seed, options.per_size)
        )
        judged.extend(judge(stream) for stream in made)
    material = sum(map(sum, (j.material for j in judged)))
    source = options.generator.name if options.generator else "bench/streams.py"
    print(
        f"Seeds {options.seeds} of {source}, {len(judged)} streams of 8 weeks after 3 quiet ones ({', '.join(SIZES)}), "
        f"{material} material outages; {time.monotonic() - began:.0f} s.\n"
    )
    rows = report(judged) + costs(judged[-1].stream) + costs(judged[0].stream)[:2]
    if (options.streams / "labels.json").exists():
        rows += volume(read_series(options.streams))
    show(rows)
    months = sum(j.stream.minutes - j.stream.warm for j in judged) / MONTH
    print(LIMITS.format(material=material, step=1 / max(material, 1), months=months))
    if options.curve:
        options.curve.write_text(json.dumps(curve(judged)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[21])
    parser.add_argument("--per-size", type=int, help="streams of each size and seed (4; with --quick 2)")
    parser.add_argument("--quick", action="store_true", help="half the streams")
    parser.add_argument("--generator", type=Path, help="another generator (a Python file)")
    parser.add_argument(
        "--streams", type=Path, default=Path("../shared/data/streams"), help="volume series with labels"
    )
    parser.add_argument("--curve", type=Path, help="write the trade-off curve here, as JSON")
    options = parser.parse_args()
    options.per_size = options.per_size or (2 if options.quick else 4)
    return options


def curve(judged: list[Judged]) -> list[dict[str, float]]:
    """Trace recall and delay over the thresholds."""
    traced = [figures(judged, threshold) for threshold in np.arange(4.0, 20.01, 0.5)]
    return [
        {"threshold": f.threshold, "false_alarms": f.false_alarms, "recall": f.recall, "delay": f.delay()}
        for f in traced
    ]


if __name__ == "__main__":
    main()
