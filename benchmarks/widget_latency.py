"""How long does a slider take to answer? From its change to the finished picture, every widget.

Each control goes through its range on the `lesson` tier, several times; a setting counts with its
quickest visit, which is what the program needs when nothing else runs on the machine. The network
and the table of answers are of the right size but hardly trained: a slider does not ask how good a
model is. What the web browser needs to show the picture comes on top.

``python -m benchmarks.widget_latency`` writes ``benchmarks/widget_latency.json`` and prints the
table that benchmarks/README.md shows. About two minutes on two cores.
"""

import json
import os
import time
from itertools import pairwise
from pathlib import Path
from typing import Annotated

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import ipywidgets as w
import numpy as np
import typer
from sklearn.decomposition import PCA
from tqdm import tqdm

from spectra_helpers import widgets
from spectra_helpers.data import split_train_test
from spectra_helpers.files import replace_when_done
from spectra_helpers.lessons import find_lesson_files, load_lesson_data
from spectra_helpers.models import build_cnn_network, build_model
from spectra_helpers.preprocess import energy_normalize

RESULTS = Path(__file__).with_suffix(".json")
BAR = 150  # ms: slower than this, a picture lags behind the hand
STEPS = 6  # settings of a control, evenly over its range


def build_widgets(spectra):
    """Make every widget that draws pictures; return {name: (lessons, box)}."""
    train, test = split_train_test(spectra)
    flux = energy_normalize(test.flux)
    pca = PCA(500, svd_solver="randomized", random_state=30).fit(energy_normalize(train.flux))
    forest = build_model("forest").fit(train.flux, train.label)
    proba = forest.predict_proba(test.flux)
    maps = {width: np.abs(flux[0]) * width for width in (20, 60, 120, 240)}
    scores = {"same": {0: 0.9, 2: 0.95, 4: 0.99}, "clean": {0: 0.9, 2: 0.8, 4: 0.6}}
    grid = spectra.wavelength
    return {
        "browse_spectra": ("01", widgets.browse_spectra(spectra)),
        "browse_files": ("01, `spectra browse`", widgets.browse_files(find_lesson_files())),
        "slide_redshift": ("01, 04", widgets.slide_redshift(spectra)),
        "slide_smoothing": ("02", widgets.slide_smoothing(spectra)),
        "slide_snr": ("03", widgets.slide_snr(spectra)),
        "slide_components": ("04", widgets.slide_components(grid, flux[:12], pca, test.label)),
        "slide_threshold": ("05", widgets.slide_threshold(test.label, proba)),
        "slide_occlusion": ("06", widgets.slide_occlusion(grid, maps, flux[0], True)),
        "slide_shortcut": ("06", widgets.slide_shortcut(grid, flux[0], scores, "quasar")),
        "slide_kernel": ("06", widgets.slide_kernel(build_cnn_network(), grid, flux[0])),
        "slide_answers": ("07", widgets.slide_answers(test[:6], dict.fromkeys("ABCD", forest))),
        "slide_coverage": ("07", widgets.slide_coverage(test.label, dict.fromkeys("ABCD", proba))),
    }


def find_controls(box):
    """Return the controls in a box that take a value."""
    if hasattr(box, "children"):
        return [control for child in box.children for control in find_controls(child)]
    return [] if isinstance(box, w.HTML) else [box]


def list_settings(control):
    """Return values of a control, evenly over its range; ``[]`` where there is no choice."""
    if isinstance(control, w.Checkbox):
        return [True, False]
    if hasattr(control, "options"):
        options = control.options
        options = list(options.values() if isinstance(options, dict) else options)
        return options if len(options) > 1 else []
    values = np.linspace(control.min, control.max, STEPS)
    if isinstance(control, w.FloatSlider):
        return values.tolist()
    values = list(dict.fromkeys(int(value) for value in values))
    if isinstance(control, w.IntRangeSlider):
        return list(pairwise(values))
    return values if len(values) > 1 else []


def time_settings(box, rounds):
    """Return the quickest answer (ms) of each setting of each control."""
    times = {}
    for index, control in enumerate(find_controls(box)):
        start, settings = control.value, list_settings(control)
        for _ in range(rounds):
            for number, value in enumerate(settings):
                if value == control.value:
                    continue
                begin = time.perf_counter()
                control.value = value
                taken = 1000 * (time.perf_counter() - begin)
                times[index, number] = min(taken, times.get((index, number), np.inf))
        control.value = start
    return list(times.values())


def make_table(results):
    """Return the results as the Markdown table of benchmarks/README.md."""
    lines = ["| widget | lesson | settings | median | slowest |", "| --- | --- | --- | --- | --- |"]
    for name, row in results["widgets"].items():
        where, n, median, worst = (row[k] for k in ("lesson", "settings", "median", "slowest"))
        lines.append(f"| `{name}` | {where} | {n} | {median} ms | {worst} ms |")
    cores, load = results["machine"]["cores"], results["machine"].get("load", "not known")
    return "\n".join([*lines, "", f"{cores} cores; load of the machine while measuring: {load}."])


def main(
    rounds: Annotated[int, typer.Option(help="Visits of each setting.", min=1)] = 3,
):
    """Measure how long each widget takes to answer."""
    found = {}
    for name, (lesson, box) in tqdm(build_widgets(load_lesson_data("lesson")).items()):
        times = time_settings(box, rounds)
        summary = {"median": round(np.median(times)), "slowest": round(max(times))}
        found[name] = {"lesson": lesson, "settings": len(times), **summary}
    about = {"command": "python -m benchmarks.widget_latency", "bar": BAR, "rounds": rounds}
    machine = {"cores": os.cpu_count()}
    if hasattr(os, "getloadavg"):
        machine["load"] = round(os.getloadavg()[1], 1)  # this program alone makes 1
    results = {**about, "machine": machine, "widgets": found}
    with replace_when_done(RESULTS) as part:
        part.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(make_table(results))


if __name__ == "__main__":
    typer.run(main)
