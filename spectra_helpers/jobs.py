"""What the commands do: preview, convert, train, predict and classify (``cli`` is their face)."""

import csv
import json
import sys
import time
from contextlib import redirect_stdout

import numpy as np
from tqdm import tqdm

from spectra_helpers.data import CLASSES, SpectraSet, join_sets, require_labels, split_train_test
from spectra_helpers.files import replace_when_done, require_output
from spectra_helpers.inputs import count_spectra, is_training_file, iterate_batches, read_any
from spectra_helpers.surveys import read_survey_file, read_survey_files
from spectra_helpers.training_file import count_rows, read_rows, read_spectra, write_spectra

MODELS = {"forest": "random forest", "svm": "SVM", "cnn": "CNN"}
COLUMNS = ("file", "row", "objid", "label", *(f"p_{name}" for name in CLASSES))
# A network made to be kept learns longer than those of `classify`, and from noise down to SNR 3.
TRAIN_NETWORK = {"epochs": 25, "patience": 10, "network": {"augment": {"noise": 0.8}}}
LEAST_OF_A_CLASS = 5  # fewer cannot be split, calibrated or validated on


def draw_preview(path, index, n, seed):
    """Draw one spectrum of a file, or `n` random ones of each class.

    Parameters
    ----------
    path : Path
        A training file or a real survey file.
    index : int or None
        Row of a training file.
    n, seed : int
        Number of spectra a class, and the seed that chooses them.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        The same in words.
    """
    from spectra_helpers.data import WAVELENGTH
    from spectra_helpers.plotting import (
        describe_examples,
        describe_spectrum,
        plot_examples,
        plot_spectrum,
    )

    if not is_training_file(path):
        x = read_survey_file(path)
        sentence = describe_spectrum(x.wavelength, x.flux, x.label)
        return plot_spectrum(x.wavelength, x.flux, x.label, title=str(x)), f"{x}. {sentence}"
    if index is None:
        spectra = read_spectra(path)
        return plot_examples(spectra, n, seed), describe_examples(spectra, n, seed)
    if index >= count_rows(path):
        raise ValueError(f"{path} has rows 0 to {count_rows(path) - 1}, not {index}.")
    flux, objid, label = (part[0] for part in read_rows(path, index, index + 1))
    label = int(label) if label in range(len(CLASSES)) else None
    title = f"{path.name}, row {index}, objid {objid}"
    figure = plot_spectrum(WAVELENGTH, flux, label, title=title)
    return figure, describe_spectrum(WAVELENGTH, flux, label)


def show_or_save(figure, sentence, out, default):
    """Save a figure to `out`; without `out` show a window or, where there is none, use `default`.

    Returns
    -------
    Path or None
        Where the figure was saved.
    """
    import matplotlib.pyplot as plt
    from matplotlib.backends import BackendFilter, backend_registry

    from spectra_helpers.plotting import save_figure

    windows = backend_registry.list_builtin(BackendFilter.INTERACTIVE)
    can_show = plt.get_backend().lower() in windows
    if out is None and can_show:
        plt.show()
        return None
    out = default if out is None else out
    with replace_when_done(out) as temporary:
        save_figure(figure, temporary, sentence)
    return out


def convert_files(paths, out, label, on_error):
    """Write the real spectra that can be read as one training file, with a table TRUTH.

    Parameters
    ----------
    paths : list of Path
    out : Path
    label : int or None
        Label of spectra whose file tells no class; None leaves them out.
    on_error : callable
        Called with a sentence for each file that is left out.

    Returns
    -------
    str
        What was written.
    """
    spectra = read_survey_files(tqdm(paths, unit="file", disable=None), on_error)
    unknown = spectra.label < 0
    if label is None:
        for path in spectra.truth["path"][unknown]:
            on_error(f"{path} tells no class: give --label galaxy, quasar or star.")
        spectra = spectra[~unknown]
    else:
        labels = np.where(unknown, label, spectra.label)
        spectra = SpectraSet(
            spectra.flux, labels, spectra.objid, truth=spectra.truth, source=spectra.source
        )
    if not len(spectra):
        raise ValueError(f"No spectrum is left to write: {out} was not made.")
    write_spectra(out, spectra)
    return str(spectra)


def train_model(paths, name, out, seed, vary=True):
    """Train a model on all spectra of the files and store it; return what it was trained on.

    With `vary` the forest and the SVM also learn from `vary_spectra` of them: on the sky the
    noise, the calibration and the spectrograph are others. The network varies its own.
    """
    from spectra_helpers.augment import vary_spectra
    from spectra_helpers.models import save_model

    spectra = read_any(paths)
    require_labels(spectra, each=LEAST_OF_A_CLASS)
    varied = [vary_spectra(spectra, seed)] if vary and name != "cnn" else []
    options = TRAIN_NETWORK if name == "cnn" else {}
    model = _fit_model(name, join_sets([spectra, *varied]), seed, **options)
    about = {"model": name, "seed": seed, "source": spectra.source, "counts": spectra.counts()}
    save_model(model, out, about)
    return str(spectra)


def _fit_model(name, spectra, seed, **options):
    from spectra_helpers.models import build_model

    if name == "cnn":
        options["verbose"] = sys.stderr.isatty()
    with redirect_stdout(sys.stderr):  # Keras tells of its epochs on stdout, where results go
        return build_model(name, seed=seed, **options).fit(spectra.flux, spectra.label)


def predict_files(model_path, paths, out, on_error):
    """Predict every spectrum of the files and write the table; return the number of spectra.

    Parameters
    ----------
    model_path : Path
        A model file of `train_model`.
    paths : list of Path
        Training files and real survey files.
    out : Path
        Table (CSV) with the columns `COLUMNS`; the label is the class of highest probability.
    on_error : callable
        Called with a sentence for each file or row that is left out.
    """
    from spectra_helpers.models import load_model

    if not model_path.is_file():
        raise ValueError(f"There is no model {model_path}: make one with `spectra train`.")
    model = load_model(model_path)
    n = 0
    progress = tqdm(total=count_spectra(paths), unit="spectrum", disable=None)
    with replace_when_done(out) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file, progress:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for batch in iterate_batches(paths, on_error):
                table.writerows(_predict_batch(model, batch))
                n += len(batch.rows)
                progress.update(len(batch.rows))
        if not n:
            raise ValueError(f"No spectrum could be predicted: {out} was not made.")
    return n


def _predict_proba(model, flux):
    """Return probabilities with one column a class, also of a class the model never saw."""
    proba = np.zeros((len(flux), len(CLASSES)))
    proba[:, model.classes_] = model.predict_proba(flux)
    return proba


def _predict_batch(model, batch):
    proba = _predict_proba(model, batch.flux)
    best = proba.argmax(axis=1)
    for path, row, objid, p, i in zip(
        batch.files, batch.rows, batch.objid, proba, best, strict=True
    ):
        yield path, row, objid, CLASSES[i], *(f"{value:.6f}" for value in p)


def classify_files(paths, folder, seed, force):
    """Split the spectra, train and score the three models, and store scores and figure.

    Parameters
    ----------
    paths : list of Path
    folder : Path or None
        Where ``scores.json`` and ``confusion_matrices.png`` are written; None writes neither.
    seed : int
        Of the split and the models.
    force : bool
        Whether files in the folder may be replaced.

    Yields
    ------
    str
        Lines of the report, as they become known.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("scores.json", "confusion_matrices.png"):
            require_output(folder / name, force)
    spectra = read_any(paths)
    require_labels(spectra, each=LEAST_OF_A_CLASS)
    train, test = split_train_test(spectra, seed=seed)
    yield f"{spectra}: {len(train):,} to train on, {len(test):,} to test."
    yield f"{'':14} {'accuracy':24} {'macro F1':24} seconds"
    results = {}
    for name, title in MODELS.items():
        results[title] = result = _score_model(name, train, test, seed)
        cells = [_format_score(result, metric) for metric in ("accuracy", "macro F1")]
        yield f"{title:14} {cells[0]:24} {cells[1]:24} {result['seconds']:.0f}"
    if folder is not None:
        about = {"source": spectra.source, "n_train": len(train), "n_test": len(test), "seed": seed}
        _store_results(folder, about, results)
        yield f"Wrote {folder / 'scores.json'} and {folder / 'confusion_matrices.png'}."


def _score_model(name, train, test, seed):
    from spectra_helpers.evaluate import bootstrap_intervals, confusion, score_predictions

    start = time.perf_counter()
    model = _fit_model(name, train, seed)
    proba = _predict_proba(model, test.flux)
    predicted = proba.argmax(axis=1)
    return {
        "scores": score_predictions(test.label, predicted, proba),
        "intervals": bootstrap_intervals(test.label, predicted, seed=seed),
        "confusion": confusion(test.label, predicted),
        "seconds": time.perf_counter() - start,
    }


def _format_score(result, metric):
    low, high = result["intervals"][metric]
    return f"{result['scores'][metric]:.3f} ({low:.3f}-{high:.3f})"


def _store_results(folder, about, results):
    from spectra_helpers.plotting import describe_confusions, plot_confusions, save_figure

    matrices = {title: result["confusion"] for title, result in results.items()}
    with replace_when_done(folder / "confusion_matrices.png") as temporary:
        save_figure(plot_confusions(matrices), temporary, describe_confusions(matrices))
    text = json.dumps({**about, "models": results}, indent=1, default=_make_plain)
    with replace_when_done(folder / "scores.json") as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")


def _make_plain(value):
    return value.tolist()  # NumPy's arrays and numbers
