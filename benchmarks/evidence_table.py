"""The table of benchmarks/README.md that `benchmarks.against_published` makes of its results."""

import re

from spectra_tools.command.classify import MODEL_TITLES, VOTE

TITLES = {**MODEL_TITLES, VOTE: VOTE}
# What the project set itself
BARS = {
    "forest": "≥ 0.97",
    "svm": "≥ 0.97",
    "cnn": "≥ 0.985",
    "errors": "≤ 0.25",
    "time of the whole job": "≤ 0.1",
    "the same without template matching": "≤ 0.1",
    "training time of the network": "≤ 0.1",
    "preparing over reading and copying": "≤ 4",
}


def list_scores(scores):
    """Return rows (title, ours, published, bar) of the table: what each model gets right."""
    rows = []
    for name, title in TITLES.items():
        for metric, bar in (("accuracy", ""), ("macro F1", BARS.get(name, ""))):
            cells = [
                "{:.3f} ({:.3f}–{:.3f})".format(*who[name][metric]) if name in who else ""
                for who in scores.values()
            ]
            rows.append((f"{title}, {metric}", *cells, bar))
    return rows


def list_errors(errors):
    """Return the rows of what the best models get wrong."""
    rows = []
    for name, found in errors.items():
        best = [min(models.values()) for models in found["errors"].values()]
        cells = [f"{n} of {found['spectra']:,}" for n in best]
        rows.append((f"errors of the best model, {name}", *cells, ""))
        cell = "{:.3f} ({:.3f}–{:.3f})".format(found["ratio"], *found["interval"])
        rows.append((f"ratio: these errors, {name}", cell, "", BARS["errors"]))
    return rows


def list_costs(results):
    """Return the rows of time, ratios, speed, noise and growth."""
    ours, published = results["seconds"].values()
    rows = [
        (title, f"{ours[step]:,.0f} s", f"{published[step]:,.0f} s", "")
        for step, title in (("whole job", "load, train all models"), ("cnn", "of this the CNN"))
    ]
    rows += [(f"ratio: {k}", f"{v:.3f}", "", BARS[k]) for k, v in results["ratios"].items()]
    speed = results["predicted a second by the network"]
    rows.append(("CNN: spectra classified a second", f"{speed:,.0f}", "", "≥ 3,000"))
    found = results["SNR 5"]
    cell = "{:+.3f} ({:+.3f} to {:+.3f})".format(found["difference"], *found["interval"])
    rows.append(("accuracy at SNR 5, CNN minus templates", cell, "", "> 0"))
    if growth := results.get("growth"):
        for n in ("10,000", "100,000"):
            cell = f"{growth[n]['seconds']:,.0f} s, {growth[n]['peak memory, GB']:.1f} GB"
            rows.append((f"`spectra classify`, {n} spectra", cell, "", "≤ 4 GB"))
        rows.append(("ratio: time, 100,000 to 10,000", f"{growth['times longer']:.1f}", "", "≤ 12"))
    return rows


def make_table(results):
    """Return the results as the Markdown table of benchmarks/README.md."""
    rows = [("", "ours", "published recipe", "bar"), ("---",) * 4]
    rows += list_scores(results["scores"]) + list_errors(results["errors"]) + list_costs(results)
    return "\n".join(re.sub(" +", " ", f"| {' | '.join(row)} |") for row in rows)
