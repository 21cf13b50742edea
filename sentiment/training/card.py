"""The model card: every figure measured by the run that made the weights, none typed by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from string import Template

from sentiment.training.evaluate import Judged, Score
from sentiment.training.pictures import draw_calibration, draw_confusion
from sentiment.training.rows import read_labels, read_posts
from sentiment.training.sets import SETS
from sentiment.verdict import Calibration

HERE = Path(__file__).parent
_MEGABYTE = 1_000_000


def write_card(card: Path, judged: Judged, scores: Sequence[Score], calibration: Calibration, folder: Path) -> None:
    """Fills `card.md` of this folder and draws its pictures into `images/` beside `card`."""
    images = card.parent / "images"
    error = draw_calibration(judged, images / "model-calibration.png")
    draw_confusion(judged, images / "model-confusion.png")
    text = Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        model=calibration.model,
        size=f"{sum(path.stat().st_size for path in folder.iterdir()) / _MEGABYTE:.1f}",
        layers=json.loads((folder / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"],
        tokens=calibration.max_tokens,
        error=f"{error:.3f}",
        sets=_sets(),
        posts=_own_posts(),
        labels=_own_labels(),
        scores=_scores(scores),
        summary=_summary(scores),
        thresholds=_thresholds(calibration),
        temperatures=", ".join(f"{head} {value}" for head, value in calibration.temperatures.items()),
        speed=_speed(card.parent / "model-speed.json"),
    )
    card.write_text(text, encoding="utf-8")


def _sets() -> str:
    lines = [f"| {each.path} | {each.source} | {each.licence} | {_use(each.quota)} |" for each in SETS]
    return "\n".join(["| set | source | licence | rows drawn a pass |", "|---|---|---|---|", *lines])


def _own_posts() -> str:
    counts = Counter(row.language for row in read_posts(HERE / "posts"))
    return ", ".join(f"{language} {count:,}" for language, count in counts.most_common())


def _own_labels() -> str:
    labels = read_labels(HERE / "labels.jsonl").values()
    kinds = sum("complaint" in label for label in labels)
    return f"complaint and kind of {kinds:,} texts, and the sentiment of {len(labels) - kinds:,}"


def _use(quota: int) -> str:
    return str(quota) if quota else "0 (evaluation only)"


def _scores(scores: Sequence[Score]) -> str:
    lines = [f"| {each.what} | {each.rows} | {each.value:.3f} | {each.low:.3f} to {each.high:.3f} |" for each in scores]
    return "\n".join(["| set: measure | rows | value | 95% interval |", "|---|---|---|---|", *lines])


def _summary(scores: Sequence[Score]) -> str:
    by_name = {each.what: each for each in scores}
    tweets = [each for each in scores if each.what.endswith("/umsab: sentiment macro-F1")]
    lines = [f"| {label} | {_value(by_name.get(what))} |" for label, what in _HEADLINES]
    if tweets:
        mean = sum(each.value for each in tweets) / len(tweets)
        lines.insert(1, f"| tweets, mean macro-F1 of {len(tweets)} languages | {mean:.3f} |")
    return "\n".join(["| measure (dev rows) | value |", "|---|---|", *lines])


def _value(score: Score | None) -> str:
    return f"{score.value:.3f} ({score.low:.3f} to {score.high:.3f}, {score.rows} rows)" if score else "not measured"


def _thresholds(calibration: Calibration) -> str:
    languages = [*calibration.complaint]
    lines = [f"| {each} | {calibration.complaint[each]} | {calibration.outage[each]} |" for each in languages]
    return "\n".join(["| language | complaint from | outage from |", "|---|---|---|", *lines])


def _speed(path: Path) -> str:
    if not path.is_file():
        return "Not measured in this run: `python -m bench.classifier --json docs/model-speed.json` does that."
    figures = json.loads(path.read_text(encoding="utf-8"))
    lines = [f"| {name} | {value} |" for name, value in figures.items()]
    return "\n".join(["| measure | value |", "|---|---|", *lines])


_HEADLINES = (
    ("English tweets, sentiment macro-recall", "en/tweeteval_sentiment: sentiment macro-recall"),
    ("Turkish telecom tweets, pos/neg, neutral is wrong", "tr/telco_tweets: pos/neg accuracy (3-way answer)"),
    ("Turkish telecom tweets, pos/neg, likelier of the two", "tr/telco_tweets: pos/neg accuracy (likelier pole)"),
    ("Persian product reviews, macro-F1", "fa/deepsentipers: sentiment macro-F1"),
    ("Persian food reviews (SnappFood), neutral is wrong", "fa/snappfood: pos/neg accuracy (3-way answer)"),
    ("Persian food reviews (SnappFood), likelier of the two", "fa/snappfood: pos/neg accuracy (likelier pole)"),
    ("Persian food reviews (ParsiNLU, never trained on)", "fa/parsinlu_food: pos/neg accuracy (3-way answer)"),
    ("complaint F1, English posts of others (never trained on)", "en/kind_seed: complaint F1"),
    ("complaint F1, Turkish posts", "tr/kind_seed: complaint F1"),
    ("complaint F1, Persian posts", "fa/kind_seed: complaint F1"),
    ("complaint F1, US airline tweets (labels by rule)", "en/us_airline: complaint F1"),
    ("outage against the rest F1, English posts of others", "en/kind_seed: outage against the rest F1"),
    ("outage against the rest F1, Turkish posts", "tr/kind_seed: outage against the rest F1"),
    ("kind macro-F1, English posts of others", "en/kind_seed: kind macro-F1"),
    ("kind macro-F1, Turkish posts", "tr/kind_seed: kind macro-F1"),
    ("kind macro-F1, Persian posts", "fa/kind_seed: kind macro-F1"),
    ("outage said of neutral or positive tweets", "en/tweeteval_sentiment: outage said of neutral or positive posts"),
    ("outage said of other English complaints", "en/kind_seed: outage said of other complaints"),
    ("outage said of other Turkish complaints", "tr/kind_seed: outage said of other complaints"),
)
