"""`spectra classify`: the published main pipeline, repaired, from files to table and figure."""

import hashlib
import json
import time
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files, Force
from spectra_tools.command.predict import predict_proba
from spectra_tools.command.train import (
    fit_prepared,
    forget_memory,
    mix_in_mind,
    name_objects,
    read_prepared,
    skip_preparing,
    tell_repeats,
)

# The network last: TensorFlow keeps its memory, which the others do not need.
MODEL_TITLES = {
    "forest": "random forest",
    "svm": "SVM",
    "templates": "template matching",
    "cnn": "CNN",
}
VOTERS, VOTE = ("forest", "svm", "cnn"), "vote of forest, SVM and CNN"
UNFINISHED = "unfinished.json"


def classify(
    files: Files,
    out: Annotated[Path | None, typer.Option("-o", help="Folder for scores and figure.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of split and models.", min=0)] = 30,
    force: Force = False,
):
    """Train forest, SVM, CNN and templates on four fifths of the spectra; score on the rest."""
    from spectra_helpers.files import open_spectra

    errors = ErrorCount()
    for line in classify_files(open_spectra(files, errors), out, seed, force):
        typer.echo(line)
    errors.exit_if_any()


def classify_files(opened, folder, seed, force):
    """Split the spectra, train and score the models, and store models, scores and figure.

    Parameters
    ----------
    opened : Spectra
        As from `open_spectra`.
    folder : Path or None
        Where the models, ``scores.json`` and ``confusion_matrices.png`` are written; None writes
        nothing. What an interrupted run of the same job left there is used again.
    seed : int
        Of the split and the models.
    force : bool
        Whether files in the folder may be replaced.

    Yields
    ------
    str
        Lines of the report, as they become known.
    """
    from spectra_helpers.data import split_rows

    _require_results(folder, force)
    spectra = name_objects(read_prepared(opened))
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    train, test = split_rows(spectra.label, seed=seed, objects=spectra.objid)
    told = f"{spectra}{tell_repeats(spectra.objid)}"
    yield f"{told}: {len(train):,} to train on, {len(test):,} to test."
    about = {
        "source": spectra.source,
        "sha256": _hash_files([file.path for file in opened.files]),
        "n_train": len(train),
        "n_test": len(test),
        "seed": seed,
        "version": version("spectra-helpers"),
    }
    train, test = spectra[train], spectra[test]
    del spectra  # the two parts are as large
    results = _begin(folder, about, force)
    yield f"{'':{len(VOTE)}} {'accuracy':24} {'macro F1':24} seconds"
    with TemporaryDirectory() as memory:
        for name, title in MODEL_TITLES.items():
            known = title in results
            if not known:
                model, results[title] = _score_model(name, train, test, seed, memory)
                told = {"model": name, "mix": mix_in_mind(name, train.label), **about}
                _store_model(folder, name, model, told, about, results)
            yield _report(title, results[title]) + (" (of the interrupted run)" if known else "")
    if set(VOTERS) <= set(MODEL_TITLES):
        results[VOTE] = _score_vote(
            [results[MODEL_TITLES[name]] for name in VOTERS], test.label, seed
        )
        yield _report(VOTE, results[VOTE])
    if folder is not None:
        _store_results(folder, about, results)
        yield f"Wrote the models, scores.json and confusion_matrices.png to {folder}."


def _require_results(folder, force):
    """Check, before long work, that the results can be written into `folder`."""
    from spectra_helpers.files import require_folder, require_output

    if folder is None:
        return
    require_folder(folder)
    if folder.is_dir():
        for name in ("scores.json", "confusion_matrices.png"):
            require_output(folder / name, force)
    if folder.is_dir() and not (folder / UNFINISHED).is_file():
        _require_models(folder, force)


def _require_models(folder, force):
    from spectra_helpers.files import require_output

    for name in MODEL_TITLES:
        require_output(folder / f"{name}.model", force)


def _hash_files(paths):
    """Return the SHA-256 of all bytes of the files: another survey may have the same name."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            hashlib.file_digest(file, lambda: digest)
    return digest.hexdigest()


def _score_model(name, train, test, seed, memory):
    start = time.perf_counter()
    model = fit_prepared(name, train.flux, train.label, seed, memory, train.objid)
    proba = predict_proba(skip_preparing(model), test.flux)
    forget_memory(model)
    return model, _score(test.label, proba, time.perf_counter() - start, seed)


def _score_vote(voters, truth, seed):
    import numpy as np

    from spectra_helpers.models import vote

    proba = vote([np.array(result["proba"]) for result in voters])
    return _score(truth, proba, sum(result["seconds"] for result in voters), seed)


def _score(truth, proba, seconds, seed):
    from spectra_helpers.evaluate import bootstrap_intervals, confusion, score_predictions

    predicted = proba.argmax(axis=1)
    return {
        "scores": score_predictions(truth, predicted, proba),
        "intervals": bootstrap_intervals(truth, predicted, seed=seed),
        "confusion": confusion(truth, predicted),
        "seconds": seconds,
        "proba": proba,  # for the vote, also of the next run if this one is interrupted
    }


def _report(title, result):
    cells = [_format_score(result, metric) for metric in ("accuracy", "macro F1")]
    return f"{title:{len(VOTE)}} {cells[0]:24} {cells[1]:24} {result['seconds']:.0f}"


def _format_score(result, metric):
    low, high = result["intervals"][metric]
    return f"{result['scores'][metric]:.3f} ({low:.3f}-{high:.3f})"


def _begin(folder, about, force):
    """Return the results that an interrupted run of the same job left; without one begin anew."""
    if folder is None:
        return {}
    results = _read_unfinished(folder / UNFINISHED, about)
    if results is None:
        _require_models(folder, force)
        results = {}
        _write_json(folder / UNFINISHED, {**about, "models": results})  # models are ours from here
    return results


def _read_unfinished(path, about):
    """Return the results in the file of an interrupted run, None if it was another job's."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if {key: stored[key] for key in about} != about:
            return None
        return {title: one for title, one in stored["models"].items() if "proba" in one}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _store_model(folder, name, model, told, about, results):
    from spectra_helpers.models import save_model

    if folder is not None:
        save_model(model, folder / f"{name}.model", told)
        _write_json(folder / UNFINISHED, {**about, "models": results})


def _store_results(folder, about, results):
    import numpy as np

    from spectra_helpers.files import replace_when_done
    from spectra_helpers.plotting import plot_confusions, save_figure

    matrices = {title: np.array(result["confusion"]) for title, result in results.items()}
    with replace_when_done(folder / "confusion_matrices.png") as temporary:
        save_figure(plot_confusions(matrices), temporary)
    for result in results.values():
        del result["proba"]
    _write_json(folder / "scores.json", {**about, "models": results})
    (folder / UNFINISHED).unlink(missing_ok=True)


def _write_json(path, content):
    from spectra_helpers.files import replace_when_done

    with replace_when_done(path) as temporary:
        text = json.dumps(content, indent=1, default=lambda value: value.tolist())
        temporary.write_text(text + "\n", encoding="utf-8")
