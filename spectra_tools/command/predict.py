"""`spectra predict`: the class of every spectrum of the files, as a table."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files, Force


def predict(
    model: Annotated[Path, typer.Argument(help="Model file from `spectra train`.")],
    files: Files,
    out: Annotated[Path, typer.Option("-o", help="Table (CSV) to write.")],
    others: Annotated[
        list[Path] | None, typer.Option("--with", help="Another model, to vote with the first.")
    ] = None,
    unknown: Annotated[
        float | None,
        typer.Option(
            help="Label UNKNOWN what is less probable than this, or holds nothing but noise.",
            min=0,
            max=1,
        ),
    ] = None,
    mix: Annotated[
        str | None,
        typer.Option(
            help="Shares of galaxies, quasars and stars where the spectra come from: 0.02,0.01,0.97"
        ),
    ] = None,
    force: Force = False,
):
    """Predict the class of every spectrum, with probabilities; templates add redshifts."""
    from spectra_helpers.files import open_spectra, require_output

    errors, models = ErrorCount(), [model, *(others or [])]
    mix = None if mix is None else _read_mix(mix)
    opened = open_spectra(files, errors, labels=False)
    require_output(out, force, [*models, *opened.paths])
    counts = predict_files(models, opened, out, unknown, mix)
    told = "" if unknown is None else f", {counts['UNKNOWN']:,} of them UNKNOWN"
    typer.echo(f"Wrote {out}: {counts.total():,} spectra{told}.")
    errors.exit_if_any()


def _read_mix(text):
    """Return the numbers of ``0.02,0.01,0.97``."""
    from spectra_helpers.evaluate import check_mix

    try:
        return check_mix([float(share) for share in text.split(",")])
    except ValueError as error:
        words = error if str(error).startswith("The mix") else f"{text!r} has no three numbers"
        raise typer.BadParameter(str(words), param_hint="'--mix'") from error


def predict_files(model_paths, opened, out, unknown=None, mix=None):
    """Predict every spectrum of open files and write the table.

    Parameters
    ----------
    model_paths : list of Path
        Model files of `train_model`; several vote.
    opened : Spectra
        As from `open_spectra`.
    out : Path
        Table (CSV) with the columns file, row, objid, label and a probability for each class; the
        label is the class of highest probability. Where a model is template matching, `z` and
        `z_gap` too: see `measure_redshifts`.
    unknown : float, optional
        The label is UNKNOWN where the highest probability is below this, or where the spectrum
        holds nothing that stands out of its noise; what does is told in a column `evidence`
        (`models.measure_evidence`).
    mix : array, shape (3,), optional
        Shares of the classes where the spectra come from; the probabilities are those of that mix
        (`evaluate.change_mix`), and the labels follow them.

    Returns
    -------
    collections.Counter
        Number of spectra of each label in the table.

    Raises
    ------
    ValueError
        If a model is missing or cannot be loaded, or no spectrum could be predicted.
    """
    from tqdm import tqdm

    from spectra_helpers.files import replace_when_done

    models, counts = _load_models(model_paths), Counter()
    mixes = None if mix is None else [(_find_mix(path), mix) for path in model_paths]
    progress = tqdm(total=opened.expected, unit="spectrum", disable=None)
    with replace_when_done(out) as temporary:
        with open(temporary, "w", newline="", encoding="utf-8") as file, progress:
            for batch in opened.batches(ivar=True):
                table, first = _tabulate(models, batch, unknown, mixes), not counts
                table.to_csv(
                    file, header=first, index=False, float_format="%.6f", lineterminator="\r\n"
                )
                counts.update(table["label"])
                progress.total = opened.expected  # known better with each file that is opened
                progress.update(len(batch.rows))
        if not counts:
            raise ValueError(f"No spectrum could be predicted: {out} was not made.")
    return counts


def _load_models(paths):
    from spectra_helpers.models import load_model

    for path in paths:
        if not path.is_file():
            raise ValueError(f"There is no model {path}: make one with `spectra train`.")
    return [load_model(path) for path in paths]


def _find_mix(path):
    """Return the mix of classes that a stored model has in mind."""
    from spectra_helpers.models import read_metadata

    if mix := read_metadata(path).get("mix"):
        return mix
    raise ValueError(
        f"{path} was stored without the mix of its training spectra, which --mix needs: make it "
        "again with `spectra train`."
    )


def _tabulate(models, batch, unknown, mixes):
    """Return the table of a batch."""
    import pandas as pd

    from spectra_helpers.data import CLASSES
    from spectra_helpers.evaluate import change_mix
    from spectra_helpers.models import LEAST_EVIDENCE, measure_evidence, vote
    from spectra_helpers.preprocess import bridge_noisy, clip_spikes

    flux = batch.flux if batch.ivar is None else bridge_noisy(batch.flux, batch.ivar)
    probas = [predict_proba(model, flux) for model in models]
    if mixes is not None:
        probas = [change_mix(p, *pair) for p, pair in zip(probas, mixes, strict=True)]
    proba = vote(probas) if len(probas) > 1 else probas[0]
    table = pd.DataFrame({"file": batch.paths, "row": batch.rows, "objid": batch.objid})
    table["label"] = [CLASSES[i] for i in proba.argmax(axis=1)]
    table[[f"p_{name}" for name in CLASSES]] = proba
    if unknown is not None:
        table["evidence"] = measure_evidence(clip_spikes(flux))
        thin = table["evidence"] < LEAST_EVIDENCE
        table.loc[thin | (proba.max(axis=1) < unknown), "label"] = "UNKNOWN"
    for name, values in measure_redshifts(models, flux, table["label"]).items():
        table[name] = values
    return table


def measure_redshifts(models, flux, names):
    """Return the columns that the first model of template matching adds; none without such a model.

    Parameters
    ----------
    models : list of Pipeline
    flux : ndarray, shape (n_spectra, n_pixels)
        Raw flux.
    names : sequence of str
        The class that was given to each spectrum, or UNKNOWN.

    Returns
    -------
    dict of str to ndarray
        ``"z"``, the redshift as a spectrum of that class, and ``"z_gap"``, how much worse the next
        class or redshift fits (`Redshifts.gap`). NaN, a blank in the table, where the class is
        UNKNOWN, and everywhere if the model was trained without redshifts.
    """
    import numpy as np

    from spectra_helpers.data import CLASSES
    from spectra_helpers.models import find_matcher

    found = [(model, matcher) for model in models if (matcher := find_matcher(model))]
    if not found:
        return {}
    model, matcher = found[0]
    columns = {name: np.full(len(flux), np.nan) for name in ("z", "z_gap")}
    known = np.flatnonzero(np.isin(names, CLASSES))
    if matcher.zeros_ is not None and len(known):
        label = np.array([CLASSES.index(name) for name in np.asarray(names)[known]])
        matches = matcher.measure_redshifts(model[0].transform(flux[known]), label)
        columns["z"][known], columns["z_gap"][known] = matches.z, matches.gap
    return columns


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
    import numpy as np

    from spectra_helpers.data import CLASSES

    proba = np.zeros((len(flux), len(CLASSES)))
    proba[:, model.classes_] = model.predict_proba(flux)
    return proba / proba.sum(axis=1, keepdims=True)  # a network rounds to seven digits
