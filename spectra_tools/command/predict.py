"""`spectra predict`: the class of every spectrum of the files, as a table."""

import csv

import numpy as np
from tqdm import tqdm

from spectra_helpers.data import CLASSES
from spectra_helpers.files import count_spectra, iterate_batches, replace_when_done

COLUMNS = ("file", "row", "objid", "label", *(f"p_{name}" for name in CLASSES))


def predict_files(model_paths, paths, out, on_error):
    """Predict every spectrum of the files and write the table.

    Parameters
    ----------
    model_paths : list of Path
        Model files of `train_model`; several vote.
    paths : list of Path
        Training files and real survey files.
    out : Path
        Table (CSV) with the columns `COLUMNS`; the label is the class of highest probability.
    on_error : callable
        Called with a sentence for each file or row that is left out.

    Returns
    -------
    int
        Number of spectra in the table.

    Raises
    ------
    ValueError
        If a model is missing or cannot be loaded, or no spectrum could be predicted.
    """
    from spectra_helpers.models import load_model

    for path in model_paths:
        if not path.is_file():
            raise ValueError(f"There is no model {path}: make one with `spectra train`.")
    models = [load_model(path) for path in model_paths]
    n = 0
    progress = tqdm(total=count_spectra(paths), unit="spectrum", disable=None)
    with replace_when_done(out) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file, progress:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for batch in iterate_batches(paths, on_error):
                table.writerows(_predict_batch(models, batch))
                n += len(batch.rows)
                progress.update(len(batch.rows))
        if not n:
            raise ValueError(f"No spectrum could be predicted: {out} was not made.")
    return n


def predict_proba(model, flux):
    """Return probabilities with one column a class, also of a class the model never saw.

    Parameters
    ----------
    model : estimator
        Trained, with `predict_proba` and `classes_`.
    flux : array, shape (n_spectra, n_pixels)
        What the model takes: raw or prepared flux.

    Returns
    -------
    ndarray, shape (n_spectra, 3)
        Rows sum to 1; 0 for a class the model never saw.
    """
    proba = np.zeros((len(flux), len(CLASSES)))
    proba[:, model.classes_] = model.predict_proba(flux)
    return proba / proba.sum(axis=1, keepdims=True)  # a network rounds to seven digits


def _predict_batch(models, batch):
    from spectra_helpers.models import vote

    probas = [predict_proba(model, batch.flux) for model in models]
    proba = vote(probas) if len(probas) > 1 else probas[0]
    best = proba.argmax(axis=1)
    for path, row, objid, p, i in zip(
        batch.files, batch.rows, batch.objid, proba, best, strict=True
    ):
        yield path, row, objid, CLASSES[i], *(f"{value:.6f}" for value in p)
