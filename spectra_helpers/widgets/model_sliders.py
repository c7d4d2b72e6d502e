"""Sliders over what models do: components, thresholds, kernels, answers (lessons 04 to 07)."""

import ipywidgets as w
import numpy as np

from spectra_helpers import plotting as p
from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate import degrade_to_snr
from spectra_helpers.widgets.controls import LOOK, SNRS, choice_slider, explore, int_slider

COMPONENTS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500)


def slide_components(wavelength, flux, pca, label=None):
    """Slide the number of principal components a spectrum is rebuilt from.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    flux : ndarray, shape (n_spectra, n_pixels)
        Spectra as `pca` was fitted on: normalized.
    pca : sklearn.decomposition.PCA
        The fitted components.
    label : ndarray, shape (n_spectra,), optional
        Classes, for the colours.
    """
    steps = [n for n in COMPONENTS if n <= len(pca.components_)]

    def arguments(number, n):
        spectrum, parts = flux[number - 1], pca.components_[:n]
        rebuilt = pca.mean_ + (spectrum - pca.mean_) @ parts.T @ parts
        kind = None if label is None else label[number - 1]
        return wavelength, spectrum, {n: rebuilt}, kind

    return explore(
        lambda **values: p.plot_reconstruction(*arguments(**values)),
        number=int_slider(1, len(flux), 1, "spectrum"),
        n=choice_slider(steps, steps[0], "number of components"),
    )


def slide_threshold(y, proba):
    """Slide the probability asked for to call a spectrum a class; see precision and recall.

    Parameters
    ----------
    y : ndarray, shape (n_spectra,)
        True labels.
    proba : ndarray, shape (n_spectra, 3)
        Probabilities of the classes.
    """
    threshold = w.FloatSlider(0.5, min=0, max=1, step=0.01, description="probability asked for",
                              continuous_update=False, **LOOK)  # fmt: skip
    present = [name for i, name in enumerate(CLASSES) if np.any(np.asarray(y) == i)]
    start = "quasar" if "quasar" in present else present[0]
    return explore(
        lambda **values: p.plot_threshold(y, proba, **values),
        class_name=w.Dropdown(options=present, value=start, description="class", **LOOK),
        threshold=threshold,
    )


def slide_kernel(network, wavelength, flux):
    """Look at the kernels of a network's first layers, and what each answers along a spectrum.

    Parameters
    ----------
    network : keras.Model
        A network whose ``Conv1D`` layers read the spectrum, or channels made of it.
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    flux : ndarray, shape (n_pixels,)
        A spectrum as the network takes it.
    """
    from spectra_helpers.models import read_kernels

    kernels, channels = read_kernels(network, flux)

    def arguments(layer, number):
        return kernels[layer][:, :, number - 1], wavelength, flux, channels, f"filter {number}"

    n_filters = min(kernel.shape[2] for kernel in kernels.values())
    return explore(
        lambda **values: p.plot_kernel(*arguments(**values)),
        layer=w.Dropdown(options=list(kernels), description="kernel size", **LOOK),
        number=int_slider(1, n_filters, 1, "filter"),
    )


def slide_occlusion(wavelength, maps, flux=None, lines=None, redshift=0.0, label=None):
    """Slide the width of the piece that is hidden in an occlusion map.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    maps : dict of int to ndarray, shape (n_pixels,)
        Width of the hidden piece in pixels, and the drop it causes.
    flux, lines, redshift, label
        As in `plot_occlusion`.
    """
    rest = (flux, lines, redshift, label)
    return explore(
        lambda width: p.plot_occlusion(wavelength, maps[width], *rest),
        width=choice_slider(list(maps), next(iter(maps)), "hidden piece (pixels)"),
    )


def slide_shortcut(wavelength, flux, scores, label=None):
    """Slide the strength of sky lines that go with a class, from none to the strongest trained on.

    Parameters
    ----------
    wavelength, flux, scores, label
        As in `plot_shortcut`.
    """
    strongest = max(max(values) for values in scores.values())
    strength = w.FloatSlider(0, min=0, max=strongest, step=strongest / 20, continuous_update=False,
                             description="strength of the sky", **LOOK)  # fmt: skip
    return explore(
        lambda strength: p.plot_shortcut(wavelength, flux, strength, scores, label),
        strength=strength,
    )


def slide_coverage(y, probas):
    """Slide the confidence asked for before a model may answer; see what is left, and how right.

    Parameters
    ----------
    y : ndarray, shape (n_spectra,)
        True labels.
    probas : dict of str to ndarray, shape (n_spectra, 3)
        For each model, the probabilities of the classes.
    """
    threshold = w.FloatSlider(0.9, min=0.34, max=0.99, step=0.01, continuous_update=False,
                              description="confidence asked for", **LOOK)  # fmt: skip
    return explore(
        lambda threshold: p.plot_coverage(y, probas, threshold),
        threshold=threshold,
    )


def slide_answers(spectra, models, seed=1):
    """Slide the signal-to-noise ratio of a spectrum and see when models change their answer.

    What it is, is shown when asked for only, so that one can answer before the models.

    Parameters
    ----------
    spectra : SpectraSet
        A few spectra that the models have not been trained on.
    models : dict of str to estimator
        Trained, with predict_proba; they take raw flux.
    seed : int
        Of the noise.
    """
    noisy = [[degrade_to_snr(flux, snr, seed) for snr in SNRS] for flux in spectra.flux]
    noisy = np.array(noisy)  # asked all at once: a model takes as long for one as for many
    rows = noisy.reshape(-1, noisy.shape[-1])
    probas = {
        name: model.predict_proba(rows).reshape(*noisy.shape[:2], -1)
        for name, model in models.items()
    }

    def arguments(number, snr, truth):
        place = number - 1, SNRS.index(snr)
        flux, answers = noisy[place], {name: proba[place] for name, proba in probas.items()}
        kind = spectra.class_name(number - 1) if truth else None
        title = f"in truth a {kind}; SNR {snr} or less" if truth else f"SNR {snr} or less"
        return spectra.wavelength, flux, answers, kind, title

    return explore(
        lambda **values: p.plot_answers(*arguments(**values)),
        number=int_slider(1, len(spectra), 1, "spectrum"),
        snr=choice_slider(SNRS, SNRS[0], "signal-to-noise ratio"),
        truth=w.Checkbox(False, description="show what it is", **LOOK),
    )
