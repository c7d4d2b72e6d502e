"""Make the pictures of ``figures/``: ``python -m spectra_tools.series.figures [NAME ...]``."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from spectra_helpers import plotting as p
from spectra_helpers.augment import add_noise
from spectra_helpers.data import split_train_test
from spectra_helpers.files import replace_when_done
from spectra_helpers.lessons import known_spectra, load_lesson_data, pick_example, real_spectra
from spectra_helpers.preprocess import energy_normalize

MODEL_NAMES = {"forest": "random forest", "svm": "SVM", "cnn": "CNN"}
N_COMPONENTS = 500  # the published number


@cache
def _load():
    return load_lesson_data()


def draw_classes():
    """Draw three spectra of each class."""
    return p.plot_examples(_load(), 3, 2)


def draw_smoothing():
    """Draw Savitzky-Golay smoothing round Hβ and [O III] of a galaxy."""
    spectra = known_spectra(_load())
    noisy = spectra[np.asarray(spectra.truth["snr"]) < 18]  # where smoothing has work to do
    row = pick_example(noisy, "galaxy", "star-forming", (0.03, 0.12))
    z = noisy.truth["z"][row]
    arguments = (noisy.wavelength, noisy.flux[row], 10, 3)
    zoom = (4750 * (1 + z), 5350 * (1 + z))
    return p.plot_smoothing(*arguments, lines=("Hβ", "[O III]", "Mg"), redshift=z, zoom=zoom)


def draw_augmentation():
    """Draw a quasar as observed, with a little noise and with much (as in the published figure)."""
    spectra = known_spectra(_load())
    row = pick_example(spectra, "quasar")
    flux = spectra.flux[row]
    noisy = {f"noise added: SNR {snr}": add_noise(flux, snr, 1) for snr in (100, 5)}
    return p.plot_augmented(spectra.wavelength, {"original": flux, **noisy}, "quasar")


def draw_pca():
    """Draw the principal components of the training spectra in three panels."""
    from sklearn.decomposition import PCA

    train, _ = split_train_test(_load())
    n = min(N_COMPONENTS, len(train) - 1)
    pca = PCA(n, svd_solver="covariance_eigh")
    scores = pca.fit_transform(energy_normalize(train.flux))
    return p.plot_pca(scores, train.label, pca.explained_variance_ratio_)


def draw_network():
    """Draw the flow chart of the convolutional network."""
    from spectra_helpers.models import build_cnn_network

    return p.plot_network(build_cnn_network())


def draw_confusions():
    """Draw the confusion matrices of the three models on the held-out fifth."""
    from spectra_helpers.evaluate import confusion
    from spectra_helpers.models import build_model

    train, test = split_train_test(_load())
    matrices = {}
    for name, words in MODEL_NAMES.items():
        model = build_model(name).fit(train.flux, train.label)
        matrices[words] = confusion(test.label, model.predict(test.flux))
    return p.plot_confusions(matrices)


def draw_atlas():
    """Draw six spectra of each class at rising SNR, and real ones when ``SPECTRA_REAL`` is set."""
    return p.plot_atlas(known_spectra(_load()), 6, real_spectra())


FIGURES = {
    "classes": draw_classes,
    "smoothing": draw_smoothing,
    "augmentation": draw_augmentation,
    "pca": draw_pca,
    "network": draw_network,
    "confusions": draw_confusions,
    "atlas": draw_atlas,
}


def make_figures(
    names: Annotated[list[str] | None, typer.Argument(help=f"of {', '.join(FIGURES)}")] = None,
    folder: Annotated[Path, typer.Option("--folder", "-o", help="Where to put them.")] = Path(
        "figures"
    ),
):
    """Draw the pictures of the README and the lessons; without a name, all of them."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    unknown = sorted(set(names or []) - set(FIGURES))
    if unknown:
        raise typer.BadParameter(f"{unknown[0]}: choose from {', '.join(FIGURES)}.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or FIGURES:
        fig = FIGURES[name]()
        path = folder / f"{name}.png"
        with replace_when_done(path) as temporary:
            p.save_figure(fig, temporary)
        typer.echo(f"{path}: {fig.alt_text}")


if __name__ == "__main__":
    typer.run(make_figures)
