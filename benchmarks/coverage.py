"""Do the intervals hold the truth as often as they say, and the p-values as rarely?

Test sets are drawn from models whose true rates of mistakes are known, so each interval can be
compared with the true macro F1. ``python -m benchmarks.coverage`` compares ways to make intervals,
measures the paired comparison of lesson 07, prints the tables of benchmarks/README.md and writes
``benchmarks/coverage.json``. About 12 minutes on one core.
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import binom, norm
from tqdm import tqdm

from spectra_helpers.evaluate.intervals import MORE, ROUNDING, subtract_scores, swap_answers
from spectra_helpers.evaluate.scores import score_counts
from spectra_helpers.files import replace_when_done

RESULTS = Path(__file__).with_suffix(".json")
SIZES = (500, 796, 1000, 2000, 5000, 10_000)
MIXES = {"usual": (0.34, 0.10, 0.56), "2 % quasars": (0.25, 0.02, 0.73)}
# Rows: what becomes of galaxies, quasars, stars. The first two are like lesson 07's, the third
# like the best of `spectra classify`, the fourth like lesson 07's under the faint sky.
MODELS = {
    "CNN": [[0.995, 0.003, 0.002], [0.084, 0.904, 0.012], [0.003, 0.004, 0.993]],
    "forest": [[0.997, 0.001, 0.002], [0.070, 0.928, 0.002], [0.0015, 0.0005, 0.998]],
    "nearly perfect": [[0.999, 0.0005, 0.0005], [0.015, 0.983, 0.002], [0.0004, 0.0001, 0.9995]],
    "faint sky": [[0.90, 0.06, 0.04], [0.20, 0.72, 0.08], [0.06, 0.03, 0.91]],
    "bad": [[0.60, 0.25, 0.15], [0.30, 0.55, 0.15], [0.40, 0.25, 0.35]],
}
LEVEL = 0.95
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
N_DRAWS = 199  # for each interval, odd so that no quantile lies between two; the lesson has 10,000


def draw_tests(rates, mix, n, n_tests, fixed, rng):
    """Draw test sets as tables of counts, and the table of what is true of all of them.

    With `fixed`, every test set holds as many spectra of each class, as stratified splits do.
    """
    each = np.round(n * np.array(mix)).astype(int)
    each[-1] = n - each[:-1].sum()
    if fixed:
        counts = np.stack(
            [rng.multinomial(k, row, n_tests) for k, row in zip(each, rates, strict=True)], 1
        )
        return counts, each[:, None] * rates
    truth = np.array(mix)[:, None] * rates
    return rng.multinomial(n, truth.ravel(), n_tests).reshape(-1, *truth.shape), truth


def take_middle(draws):
    """Return the ends of the intervals; so few draws need a quantile without bias."""
    return np.quantile(draws, ENDS, axis=1, method="weibull")


def draw_weights(more, by_class=False):
    """Return a way with random weights, `more` spectra added to every cell; or class by class."""

    def find(counts, rng):
        shape = np.float32(counts + more)[:, None]
        weights = rng.standard_gamma(shape, (len(counts), N_DRAWS, 3, 3), np.float32)
        if by_class:
            true = counts.sum(axis=-1)[:, None, :, None]
            weights *= true / weights.sum(axis=-1, keepdims=True)
        low, high = take_middle(score_counts(weights)["macro F1"])
        score = score_counts(counts)["macro F1"]
        return np.minimum(low, score), np.maximum(high, score)

    return find


def draw_spectra(counts, rng):
    """Draw spectra with replacement, the percentile bootstrap."""
    return take_middle(_draw_scores(counts, rng))


def _draw_scores(counts, rng):
    n = counts[0].sum()
    rates = (counts / n).reshape(-1, 1, 9)
    drawn = rng.multinomial(n, rates, (len(counts), N_DRAWS)).reshape(-1, N_DRAWS, 3, 3)
    return score_counts(drawn)["macro F1"]


def correct_bias(counts, rng):
    """Draw spectra, and correct for bias and skew (BCa; Efron 1987)."""
    draws, score = np.sort(_draw_scores(counts, rng)), score_counts(counts)["macro F1"][:, None]
    below = (draws < score - ROUNDING).mean(axis=1) + (draws < score + ROUNDING).mean(axis=1)
    bias = norm.ppf(np.clip(below / 2, 1 / N_DRAWS, 1 - 1 / N_DRAWS))
    rates, pull = find_pull(counts)
    second, third = ((rates * pull**k).sum(axis=(1, 2)) for k in (2, 3))
    skew = third / (6 * np.sqrt(counts[0].sum()) * np.maximum(second, ROUNDING) ** 1.5)
    ends = []
    for z in norm.ppf(ENDS):
        part = norm.cdf(bias + (bias + z) / (1 - skew * (bias + z)))
        rank = np.clip(np.rint(part * (N_DRAWS + 1)).astype(int) - 1, 0, N_DRAWS - 1)
        ends.append(np.take_along_axis(draws, rank[:, None], 1)[:, 0])
    return ends


def find_pull(counts):
    """Return the rates of the cells, and how one more spectrum in a cell pulls at the macro F1."""
    rates = counts / counts.sum(axis=(1, 2), keepdims=True)
    size = np.maximum(rates.sum(axis=1) + rates.sum(axis=2), ROUNDING)
    right = np.diagonal(rates, axis1=1, axis2=2)
    lost = 2 * right / size**2
    pull = np.eye(3) * (2 / size)[:, None] - lost[:, :, None] - lost[:, None, :]
    pull /= 3
    return rates, pull - (rates * pull).sum(axis=(1, 2), keepdims=True)


def use_normal(more):
    """Return a way with a normal curve on the scale of the log odds (the delta method)."""

    def find(counts, _):
        rates, pull = find_pull(counts + more)
        score = np.minimum(score_counts(rates)["macro F1"], 1 - ROUNDING)
        spread = np.sqrt((rates * pull**2).sum(axis=(1, 2)) / counts[0].sum())
        return [expit(logit(score) + z * spread / (score * (1 - score))) for z in norm.ppf(ENDS)]

    return find


OURS = "random weights, 1/9 more in each cell"
WAYS = {
    "draw spectra anew": draw_spectra,
    "the same, corrected (BCa)": correct_bias,
    "normal curve on log odds": use_normal(0),
    "normal curve on log odds, 1/9 more in each cell": use_normal(1 / 9),
    "random weights": draw_weights(0),
    OURS: draw_weights(MORE),
    "random weights, 1/6 more": draw_weights(1 / 6),
    "random weights, 1/3 more": draw_weights(1 / 3),
    "random weights, 1/2 more": draw_weights(1 / 2),
    "each class apart, 1/9 more": draw_weights(1 / 9, by_class=True),
    "each class apart, 1/2 more": draw_weights(1 / 2, by_class=True),
}


def measure_ways(n_tests, rng):
    """Return {way: {case: [truth below, truth above the interval]}} as parts of the test sets."""
    missed = {way: {} for way in WAYS}
    cases = [(*case, fixed) for case in np.ndindex(len(MODELS), len(MIXES)) for fixed in (0, 1)]
    for model, mix, fixed in tqdm(cases, "intervals"):
        names = list(MODELS)[model], list(MIXES)[mix]
        for n in SIZES:
            rates = np.array(MODELS[names[0]])
            counts, cells = draw_tests(rates, MIXES[names[1]], n, n_tests, fixed, rng)
            truth = float(score_counts(cells)["macro F1"])
            case = f"{', '.join(names)}, {n:,}, {'classes fixed' if fixed else 'all drawn'}"
            for way, find in WAYS.items():
                low, high = find(counts, rng)
                missed[way][case] = [float(np.mean(truth < low)), float(np.mean(truth > high))]
    return missed


def join_models(first, second):
    """Return rates (true class, first answer, second answer): half of the mistakes are shared."""
    common = np.minimum(first, second)
    alone, other = first - common, second - common
    apart = np.maximum(alone.sum(axis=1), ROUNDING)[:, None, None]
    coupled = np.eye(3) * common[:, None] + alone[:, :, None] * other[:, None] / apart
    return (coupled + first[:, :, None] * second[:, None]) / 2


def match_macro_f1(rates, mix):
    """Return another model of the same macro F1: it misses fewer quasars, and invents more."""
    mix = np.array(mix)[:, None]

    def change(step):
        return rates + np.array([[-step, step, 0], [-0.04, 0.04, 0], [0, 0, 0]])

    def differ(step):
        both = score_counts(mix * change(step))["macro F1"], score_counts(mix * rates)["macro F1"]
        return both[0] - both[1]

    return change(brentq(differ, 0, 0.2))


def list_pairs(mix):
    """Return {name: (rates of the first model, of the second)}."""
    network, forest, faint = (np.array(MODELS[name]) for name in ("CNN", "forest", "faint sky"))
    return {
        "equal: CNN and CNN": (network, network),
        "equal: faint sky and faint sky": (faint, faint),
        "equal macro F1, other mistakes": (network, match_macro_f1(network, mix)),
        "not equal: forest and CNN": (forest, network),
    }


def measure_pairs(n_tests, rng):
    """Return {pair, n: {what: part of the test sets}} for the comparison of two models."""
    found, mix = {}, MIXES["usual"]
    for name, pair in tqdm(list_pairs(mix).items(), "pairs"):
        for n in (500, 796, 2000, 10_000):
            rates = np.array(mix)[:, None, None] * join_models(*pair)
            counts = rng.multinomial(n, rates.ravel(), n_tests).reshape(-1, 3, 3, 3)
            found[f"{name}, {n:,}"] = {
                metric: compare_many(counts, rates, metric, rng)
                for metric in ("accuracy", "macro F1")
            }
    return found


def compare_many(counts, rates, metric, rng):
    """Compare two models on many test sets, as `compare_paired` does on one."""
    truth, difference = (float(subtract_scores(rates, metric)), subtract_scores(counts, metric))
    shape = np.float32(counts + MORE)[:, None]
    weights = rng.standard_gamma(shape, (len(counts), N_DRAWS, 3, 3, 3), np.float32)
    low, high = take_middle(subtract_scores(weights, metric))
    low, high = np.minimum(low, difference), np.maximum(high, difference)
    if metric == "accuracy":
        p = find_mcnemar(counts)
    else:
        by_chance = subtract_scores(swap_answers(counts, N_DRAWS, rng), metric)
        p = (1 + (np.abs(by_chance) >= np.abs(difference) - ROUNDING).sum(axis=0)) / (N_DRAWS + 1)
    apart = (low > 0) | (high < 0)
    return {
        "p < 0.05": float(np.mean(p < 1 - LEVEL)),
        "interval without zero": float(np.mean(apart)),
        "interval holds the truth": float(np.mean((low <= truth) & (truth <= high))),
        "p and interval disagree": float(np.mean(apart != (p < 1 - LEVEL))),
    }


def find_mcnemar(counts):
    """Return the exact p-values of McNemar's test."""
    right = np.eye(3, dtype=bool)
    is_first, is_second = right[:, :, None], right[:, None, :]
    first = (counts * (is_first & ~is_second)).sum(axis=(1, 2, 3))
    second = (counts * (is_second & ~is_first)).sum(axis=(1, 2, 3))
    return np.minimum(2 * binom.cdf(np.minimum(first, second), first + second, 0.5), 1)


def summarize(missed):
    """Return how often the intervals of one way hold the truth, over all cases."""
    below, above = np.array(list(missed.values())).T
    held = 1 - below - above
    return {
        "median": round(float(np.median(held)), 4),
        "10 worst of 100": round(float(np.quantile(held, 0.1)), 4),
        "worst": round(float(held.min()), 4),
        "worst case": list(missed)[int(held.argmin())],
        "truth below": round(float(below.mean()), 4),
        "truth above": round(float(above.mean()), 4),
    }


def make_table(results):
    """Format ways to make an interval, and the paired comparison, as two Markdown tables."""
    lines = [
        "| interval of 95 % for the macro F1 | holds the truth, median | 10 worst of 100 | worst "
        "case | truth below | truth above |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for way, found in results["ways"].items():
        row = (
            "| {way} | {median:.3f} | {10 worst of 100:.3f} | {worst:.3f} ({worst case}) "
            "| {truth below:.3f} | {truth above:.3f} |"
        )
        lines.append(row.format(way=way, **found))
    return "\n".join([*lines, "", *list_pair_rows(results["pairs"])])


def list_pair_rows(pairs):
    """Return the lines of the second table: the sizes of lesson 07 and of the benchmarks."""
    whats = list(next(iter(pairs.values()))["accuracy"])
    lines = [f"| two models | metric | {' | '.join(whats)} |", f"|{' --- |' * (2 + len(whats))}"]
    for pair, metrics in pairs.items():
        if pair.endswith((" 796", " 10,000")):
            for metric, found in metrics.items():
                cells = " | ".join(f"{found[what]:.3f}" for what in whats)
                lines.append(f"| {pair} | {metric} | {cells} |")
    return lines


def main(
    tests: Annotated[int, typer.Option(help="Test sets of each kind.", min=1)] = 4000,
):
    """Measure intervals and p-values, write the JSON and print both tables."""
    rng = np.random.default_rng(1)
    results = {"tests": tests, "pairs": measure_pairs(tests, rng)}
    missed = measure_ways(tests, rng)
    results["ways"] = {way: summarize(cases) for way, cases in missed.items()}
    results["truth below and above"] = missed[OURS]
    with replace_when_done(RESULTS) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    typer.run(main)
