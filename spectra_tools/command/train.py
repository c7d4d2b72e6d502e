"""`spectra train`: a model trained on all spectra of the files, and stored.

One array of float32 holds all spectra: they are repaired and scaled where they lie, and the models
take them from there. 100,000 spectra fit into 4 GB that way.
"""

import sys
from contextlib import redirect_stdout
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.command.errors import ErrorCount
from spectra_tools.command.options import Files, Force

# What the commands add to the models of the lessons, each measured in data/README.md, "The faint
# sky": how well templates fit is told to all models; templates are made of clean spectra; two
# networks are trained, with stronger noise, and averaged.
STRONG_NOISE = {"augment": {"noise": 0.5}}
FOR_THE_SKY = {
    "forest": {"matches": True},
    "svm": {"matches": True},
    "cnn": {"matches": True, "members": 2, "epochs": 6, "network": STRONG_NOISE},
    "templates": {"max_noise": 0.06},
}
LEARN_FROM_VARIED = ("forest", "svm", "cnn")  # templates are averages: noise is lost in them
FAINT, MANY = 5, 0.1  # with one in ten below SNR 5, a survey has its own noise to learn from
LEAST_OF_A_CLASS = 5  # fewer cannot be split, calibrated or validated on
ROWS_VARIED = 20_000
ROWS_AT_ONCE = 2_000


class ModelName(StrEnum):
    """Models that ``spectra train`` can train."""

    forest = "forest"
    svm = "svm"
    cnn = "cnn"
    templates = "templates"


def train(
    files: Files,
    model: Annotated[ModelName, typer.Option(help="Which model to train.")],
    out: Annotated[Path, typer.Option("-o", help="Model file to write.")],
    seed: Annotated[int, typer.Option(help="Seed of the model.", min=0)] = 30,
    vary: Annotated[
        bool | None,
        typer.Option(help="Learn from varied copies too (lesson 03); else where none is faint."),
    ] = None,
    force: Force = False,
):
    """Train a model on labelled spectra and store it."""
    from spectra_helpers.files import open_spectra, require_output

    errors = ErrorCount()
    opened = open_spectra(files, errors)
    require_output(out, force, opened.paths)
    trained_on = train_model(opened, str(model), out, seed, vary)
    typer.echo(f"Wrote {out}: {model} trained on {trained_on}.")
    errors.exit_if_any()


def train_model(opened, name, out, seed, vary=None):
    """Train a model on all spectra of open files and store it; return what it was trained on.

    With varied copies, without them, or (None) with them where hardly any spectrum is faint.
    """
    from spectra_helpers.models import save_model

    spectra = name_objects(read_prepared(opened))
    about = {"model": name, "seed": seed, "source": spectra.source, "counts": spectra.counts()}
    told = f"{spectra}{tell_repeats(spectra.objid)}"
    if not has_faint(spectra.flux) if vary is None else vary:
        spectra = add_varied(name, spectra, seed)  # the array without them is given back
    model = fit_prepared(name, spectra.flux, spectra.label, seed, objects=spectra.objid)
    learn_redshifts(model, spectra)
    save_model(model, out, {**about, "mix": mix_in_mind(name, spectra.label)})
    return told


def mix_in_mind(name, label):
    """Return the shares of the classes that a model trained on these labels assumes, a list."""
    import numpy as np

    from spectra_helpers.evaluate import implied_mix

    return implied_mix(name, np.bincount(label)).tolist()


def name_objects(spectra):
    """Return the spectra with the number of their object, from 1 (`group_objects`), as `objid`."""
    from dataclasses import replace

    from spectra_helpers.data import group_objects

    return replace(spectra, objid=1 + group_objects(spectra))


def tell_repeats(objects):
    """Return words on the spectra whose object is there already, or none: ``", of 90 objects"``."""
    n = len(set(objects.tolist()))
    return "" if n == len(objects) else f", of {n:,} objects, each kept together"


def learn_redshifts(model, spectra):
    """Tell templates their redshifts, where those of the prepared training spectra are known."""
    from spectra_helpers.models import find_matcher

    if spectra.truth is None or "z" not in spectra.truth.colnames:
        return
    if matcher := find_matcher(model):
        matcher.learn_redshifts(spectra.flux, spectra.label, spectra.truth["z"])


def has_faint(flux, n_looked_at=2_000):
    """Say whether a tenth of the spectra or more are faint, below a signal-to-noise ratio of 5.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, n_pixels)
    n_looked_at : int
        Spectra that are measured, from all over the array.

    Returns
    -------
    bool
    """
    from spectra_helpers.evaluate import estimate_snr

    some = flux[:: max(len(flux) // n_looked_at, 1)]
    return bool((estimate_snr(some) < FAINT).mean() >= MANY)


def add_varied(name, spectra, seed):
    """Add copies for a model that will meet other instruments and fainter objects than these.

    Parameters
    ----------
    name : {"forest", "svm", "cnn", "templates"}
    spectra : SpectraSet
        Prepared, as `read_prepared` gives them; `objid` as from `name_objects`.
    seed : int

    Returns
    -------
    SpectraSet
        `spectra` and `vary_spectra` of them (20,000 at most): on the sky the noise, the
        calibration, the spectrograph and the shares of the classes are others. The network, which
        varies every spectrum while it trains, gains less, but it does (``benchmarks/other_skies``).
        For template matching `spectra` alone: templates bend and slide while they are matched.
        A copy has the `objid` of its original, so that folds can keep them together.
    """
    from dataclasses import replace

    from spectra_helpers.augment import vary_spectra
    from spectra_helpers.data import join_sets

    if name not in LEARN_FROM_VARIED:
        return spectra
    spectra = replace(spectra, truth=None)
    copies = vary_spectra(spectra, seed, min(len(spectra), ROWS_VARIED))
    _prepare(copies.flux)
    return join_sets([spectra, copies])


def read_prepared(opened):
    """Read labelled spectra, then repair and scale them in place, some thousand at a time.

    Parameters
    ----------
    opened : Spectra
        As from `open_spectra`.

    Returns
    -------
    SpectraSet

    Raises
    ------
    ValueError
        If no file can be read, or spectra have no class, or a class too few spectra.
    """
    from spectra_helpers.data import require_labels

    spectra = opened.read()
    require_labels(spectra, each=LEAST_OF_A_CLASS)
    _prepare(spectra.flux)
    return spectra


def _prepare(flux):
    from tqdm import tqdm

    from spectra_helpers.preprocess import SpectrumPreprocessor

    prepare = SpectrumPreprocessor().fit(flux[:1])
    starts = range(0, len(flux), ROWS_AT_ONCE)
    for start in tqdm(starts, "preparing", unit_scale=ROWS_AT_ONCE, unit="spectrum", disable=None):
        flux[start : start + ROWS_AT_ONCE] = prepare.transform(flux[start : start + ROWS_AT_ONCE])


def fit_prepared(name, flux, label, seed, memory=None, objects=None, **options):
    """Train a model on spectra that are prepared already; return it with its preparing step.

    Spectra with the same number in `objects` are kept together wherever rows are cut. Models that
    are given the same folder as `memory` measure the matches of the same spectra once.
    """
    import numpy as np

    from spectra_helpers.models import build_model, fit_by_object

    objects = np.arange(len(label)) if objects is None else objects
    options = {**FOR_THE_SKY.get(name, {}), **options}
    if memory is not None and options.get("matches"):
        options["matches"] = {"memory": str(memory)}
    if name == "cnn":
        options = {"verbose": sys.stderr.isatty(), **options}
    model = build_model(name, seed=seed, **options)
    model[0].fit(flux[:2], label)
    with redirect_stdout(sys.stderr):  # Keras tells of its epochs on stdout, where results go
        fit_by_object(skip_preparing(model), flux, label, objects)
    return model


def skip_preparing(model):
    """Return the steps of a model after the first one: for spectra that are prepared already."""
    return model[1:]


def forget_memory(model):
    """Let a model forget the folder that `fit_prepared` gave it: it will be stored without."""
    shared = [name for name in model.get_params() if name.endswith("matches__memory")]
    model.set_params(**dict.fromkeys(shared))
