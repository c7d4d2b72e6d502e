"""README and evidence agree with lessons and benchmarks: tables, list of lessons, links."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from scipy.stats import binomtest
from typer.testing import CliRunner

from benchmarks import (
    against_published,
    class_mix,
    coverage,
    faint_sky,
    other_skies,
    other_surveys,
    race,
    realism,
    simulate_time,
    train_costs,
    tune_models,
    widget_latency,
)
from spectra_helpers import widgets
from spectra_tools.command import classify
from spectra_tools.command.main import app
from spectra_tools.series.notebooks import find_lessons
from spectra_tools.series.run import read_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVIDENCE = " ".join((ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8").split())
SCORE = re.compile(r"(\d\.\d{3}) \((\d\.\d{3})-(\d\.\d{3})\)")


def make_result_table(text):
    """Make the README's table of the text that lesson 07 prints."""
    lines = ["| | accuracy | published | macro F1 | published |", "|---|---|---|---|---|"]
    for line in text.splitlines():
        if scores := list(SCORE.finditer(line)):
            name = line[: scores[0].start()].strip()
            between = line[scores[0].end() : scores[1].start()].strip()
            after = line[scores[1].end() :].strip()
            first, second = ("{} ({}–{})".format(*score.groups()) for score in scores)
            lines.append(f"| {name} | {first} | {between} | {second} | {after} |")
    return "\n".join(line.replace("|  |", "| |") for line in lines)


def test_result_table_is_that_of_lesson_07():
    lesson = nbformat.read(find_lessons([7])[0], as_version=4)
    expected = make_result_table(read_table(lesson))
    assert expected.count("\n") == 7, "six models: lesson 07 has no outputs, or another table"
    assert expected in README, f"put this table into README.md:\n{expected}"


def test_result_table_names_the_tier_of_the_committed_outputs():
    lesson = nbformat.read(find_lessons([7])[0], as_version=4)
    assert read_table(lesson).startswith("simulated survey, tier lesson, 4,000 spectra")


def test_every_lesson_is_listed_with_its_minutes():
    listed = dict(re.findall(r"\]\(notebooks/(\w+\.ipynb)\).*\| (\d+) \| \d+ \|", README))
    lessons = {path.name: nbformat.read(path, as_version=4) for path in find_lessons()}
    header = {name: lesson.cells[0].source for name, lesson in lessons.items()}
    minutes = {name: re.search(r"(\d+) minutes", text)[1] for name, text in header.items()}
    assert listed == minutes


@pytest.mark.parametrize(
    ("benchmark", "page"),
    [
        (against_published, "benchmarks/README.md"),
        (tune_models, "benchmarks/README.md"),
        (coverage, "benchmarks/README.md"),
        (widget_latency, "benchmarks/README.md"),
        (other_surveys, "benchmarks/README.md"),
        (race, "benchmarks/README.md"),
        (train_costs, "benchmarks/README.md"),
        (class_mix, "benchmarks/README.md"),
        (realism, "data/README.md"),
        (other_skies, "data/README.md"),
        (faint_sky, "data/README.md"),
        (simulate_time, "data/README.md"),
    ],
)
def test_evidence_is_that_of_the_benchmarks(benchmark, page):
    results = json.loads(Path(benchmark.__file__).with_suffix(".json").read_text("utf-8"))
    expected = benchmark.make_table(results)
    assert expected in (ROOT / page).read_text("utf-8"), f"put this into {page}:\n{expected}"


def test_learning_curve_is_that_of_the_race():
    results = json.loads(Path(race.__file__).with_suffix(".json").read_text("utf-8"))
    page = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    assert race.make_growth_table(results) in page
    many, (few,) = results["runs"]["10000"].values(), results["runs"]["100000"].values()
    mean = sum(run["ours"]["cnn"]["errors"] for run in many) / len(many)
    assert f"({mean:.0f} to {few['ours']['cnn']['errors']} of 10,000)" in " ".join(page.split())
    ratios = {
        name: [run["ours"][name]["errors"] / run["recipe"][name]["errors"] for run in many]
        for name in ("forest", "svm", "cnn", classify.VOTE)
    }
    assert all(1 / 6 < sum(ratios[name]) / 3 < 1 / 4.5 for name in ("svm", "cnn", classify.VOTE))
    assert 1 / 9 < sum(ratios["forest"]) / 3 < 1 / 7.5
    assert all(
        run["recipe"][classify.VOTE]["errors"] > run["recipe"]["cnn"]["errors"] for run in many
    )


def test_vote_makes_no_more_mistakes_than_any_model_as_lesson_07_says():
    results = json.loads(Path(against_published.__file__).with_suffix(".json").read_text("utf-8"))
    for found in results["errors"].values():
        ours = dict(found["errors"]["ours"])
        vote = ours.pop(classify.VOTE)
        assert vote <= min(ours.values())
    assert sum(found["spectra"] for found in results["errors"].values()) == 12_000


def test_reasons_for_missed_bars_hold_the_numbers_of_the_table():
    results = json.loads(Path(against_published.__file__).with_suffix(".json").read_text("utf-8"))
    whole, ours = list(results["ratios"].values())[:2]
    assert f"The whole job takes {whole:.3f} of the recipe's time" in EVIDENCE
    assert f"which the recipe does not have, {ours:.3f}." in EVIDENCE
    assert whole > 0.1 > ours
    speed = results["predicted a second by the network"]
    assert f"classifies {speed:,.0f} spectra a second" in " ".join(EVIDENCE.split())
    further = results["errors"]["further spectra"]["errors"]
    ours, published = further["ours"], further["published"]
    like = [ours[name] / published[name] for name in ("cnn", "svm", "forest")]
    told = (
        "our CNN makes {:.3f} of the errors of the recipe's CNN, our SVM {:.3f} of its SVM's, our"
    )
    assert told.format(*like) in " ".join(EVIDENCE.split())
    assert f"forest {like[2]:.3f} of its forest's" in EVIDENCE
    assert min(results["scores"]["ours"][name]["macro F1"][0] for name in ("svm", "cnn")) > 0.985
    assert max(found["ratio"] for found in results["errors"].values()) < 0.25
    assert results["SNR 5"]["interval"][0] > 0
    assert results["growth"]["100,000"]["peak memory, GB"] < 4


def test_network_reaches_its_bar_on_as_many_other_surveys_as_the_readme_says():
    results = json.loads(Path(other_surveys.__file__).with_suffix(".json").read_text("utf-8"))
    scores = [survey["cnn"]["macro F1"] for survey in results["surveys"].values()]
    assert len(scores) == 5
    assert min(scores) >= 0.985
    assert "reaches its bar of 0.985 on all of them" in EVIDENCE


def test_intervals_hold_the_truth_as_often_as_the_evidence_says():
    results = json.loads(Path(coverage.__file__).with_suffix(".json").read_text("utf-8"))
    cases = results["truth below and above"].values()
    held = sorted(1 - below - above for below, above in cases)
    assert len(held) == 120
    assert (round(100 * held[0]), round(100 * held[-1])) == (93, 98)
    assert "hold the truth in 93 to 98 of 100 tests" in EVIDENCE
    assert sum(part >= 0.94 for part in held) >= 0.95 * 120
    found = [metrics for pair in results["pairs"].items() for metrics in pair[1].values()]
    equal = [
        metrics[name]["p < 0.05"]
        for pair, metrics in results["pairs"].items()
        for name in metrics
        if pair.startswith("equal:") or (pair.startswith("equal macro F1") and name == "macro F1")
    ]
    assert max(equal) < 0.06
    assert max(metrics["p and interval disagree"] for metrics in found) < 0.095
    assert all(0.93 < metrics["interval holds the truth"] < 0.97 for metrics in found)


def test_scores_on_real_spectra_are_told_with_their_exact_intervals():
    data = " ".join((ROOT / "data" / "README.md").read_text(encoding="utf-8").split())
    told = {
        (2, 213): "2 errors of 213 fit an accuracy from {:.3f} to {:.3f}",
        (6, 213): "6 errors one from {:.3f} to {:.3f}",
        (0, 34): "no error on 34 spectra any from {:.3f} up",
    }
    for (errors, n), words in told.items():
        ends = binomtest(n - errors, n).proportion_ci(method="exact")
        assert words.format(*ends) in data
    ends = binomtest(211, 213).proportion_ci(method="exact")
    assert "(2 errors fit an accuracy from {:.3f} to {:.3f})".format(*ends) in README


def test_tuned_settings_are_those_of_the_package():
    results = json.loads(Path(tune_models.__file__).with_suffix(".json").read_text("utf-8"))
    for name, result in results["models"].items():
        assert result["package"] == tune_models.package_setting(name)
        assert result["grid"] == tune_models.GRIDS[name]


def test_slider_table_holds_every_widget_with_sliders():
    results = json.loads(Path(widget_latency.__file__).with_suffix(".json").read_text("utf-8"))
    sliders = {name for name in widgets.__all__ if name.startswith(("slide", "browse"))}
    assert set(results["widgets"]) == sliders
    assert f"the bar is {results['bar']} ms" in EVIDENCE
    assert all(one["slowest"] <= results["bar"] for one in results["widgets"].values())
    assert "All settings reach it on the processor of this table" in EVIDENCE


def find_anchors(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "data/README.md",
    "benchmarks/README.md",
    "assignments/README.md",
)


def test_readme_is_short_and_its_lines_can_be_compared():
    assert max(map(len, README.splitlines())) <= 110
    assert len(README.split()) <= 1450  # with tables and commands; about 1,200 without


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_to_files_and_headings(path):
    page = ROOT / path
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", text)
    links += re.findall(r"^\[[\w-]+\]: (?!https?:)(\S+)$", text, flags=re.MULTILINE)
    for file, _, anchor in (link.partition("#") for link in links):
        target = page.parent / file if file else page
        assert target.exists(), file
        assert not anchor or anchor in find_anchors(target), f"{file}#{anchor}"


def test_every_command_is_listed():
    words = CliRunner().invoke(app, ["--help"]).output
    commands = {line.split()[0] for line in words.partition("Commands:")[2].splitlines() if line}
    assert commands
    assert commands <= set(re.findall(r"\| `spectra (\w+)", README))
