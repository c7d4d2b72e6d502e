"""Arguments for every plot function, and ways to look at what it draws."""

import io

import matplotlib.pyplot as plt
import numpy as np
from astropy.table import Table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from spectra_helpers import plotting
from spectra_helpers.data import WAVELENGTH, SpectraSet
from spectra_helpers.models import RedshiftScan

HALPHA, Z = 6564.61, 0.05  # vacuum Å (NIST), and a redshift
N_EACH = 12


def make_survey():
    """36 spectra of noise over a slope, each with Hα at its redshift, and a truth table."""
    rng = np.random.default_rng(5)
    label = np.arange(3 * N_EACH) % 3
    z = np.where(label == 2, 0.0, Z)
    line = np.exp(-0.5 * ((WAVELENGTH - HALPHA * (1 + z[:, None])) / 4) ** 2)
    slope = np.linspace(20, 30, 3000)
    flux = slope + rng.normal(0, 1, (len(label), 3000)) + 60 * line
    snr = np.linspace(10, 45, len(label))
    truth = Table({"z": z, "subtype": [f"type{i}" for i in label], "snr": snr})
    return SpectraSet(flux, label, np.arange(len(label)), truth=truth)


SURVEY = make_survey()


def draw(fig):
    """Draw a figure and return its renderer."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return canvas.get_renderer()


def read(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def all_texts(fig):
    found = [t for t in fig.findobj(plt.Text) if t.get_text().strip() and t.get_visible()]
    return {t.get_text(): t for t in found}


def list_calls(survey=SURVEY):
    """Arguments for every plot function but that of a network, which takes a while to make."""
    w, flux, label = survey.wavelength, survey.flux, survey.label
    rng = np.random.default_rng(1)
    proba = rng.dirichlet([1, 1, 1], len(label))
    matrix = np.array([[0.97, 0.02, 0.01], [0.14, 0.84, 0.02], [0.02, 0.01, 0.97]])
    score = {"SVM": {"accuracy": 0.98, "macro F1": 0.95}}
    interval = {"SVM": {"accuracy": (0.97, 0.99), "macro F1": (0.94, 0.96)}}
    history = {"loss": [1.0, 0.5, 0.4], "val_loss": [1.1, 0.6, 0.7], "accuracy": [0.5, 0.8, 0.9]}
    share = np.geomspace(0.001, 0.5, 40)
    return {
        "precision_by_share": (
            share,
            share,
            0.9 * share,
            1.1 * share,
            {"here": 0.1, "LAMOST": 0.007},
        ),
        "spectrum": (w, flux[0], 0, None, True, Z),
        "examples": (survey, 3, 1),
        "class_counts": (survey.counts(),),
        "normalization": (w, flux[:3], flux[:3] / 50, label[:3]),
        "smoothing": (w, flux[0], 10, 3),
        "augmented": (w, {"original": flux[1], "SNR 5": flux[1] + 5}, 1),
        "trade_off": ([5, 10, 20], [0.7, 0.5, 0.3], [0.99, 0.95, 0.7], 10),
        "line_windows": (w, flux[0], "Hα", Z),
        "pca": (rng.normal(size=(36, 4)), label, np.array([0.6, 0.2, 0.1, 0.05])),
        "eigenspectra": (w, flux[:3] - 25, [0.6, 0.2, 0.1]),
        "reconstruction": (w, flux[0], {1: flux[1], 5: flux[0]}, 0),
        "importance": (rng.random(20), [f"block {i}" for i in range(20)]),
        "learning_curve": (history,),
        "kernel": (np.array([-1.0, 2.0, -1.0]), w, flux[0]),
        "patterns": (
            w,
            {"first": flux[0], "second": flux[1]},
            {"first": rng.normal(size=60), "second": rng.normal(size=60)},
        ),
        "confusions": ({"forest": matrix, "SVM": matrix, "CNN": matrix},),
        "scores": (score, interval, {"SVM": {"accuracy": 0.979}}),
        "threshold": (label, proba, 0.4),
        "snr_ladder": ([3, 10, 30], {"SVM": [0.7, 0.9, 0.95], "CNN": [0.8, 0.95, 0.99]}),
        "reliability": ({"CNN": (np.array([0.5, 0.9]), np.array([0.4, 0.95]))},),
        "occlusion": (w, flux[0] / 100, flux[0], ("Hα", "Hβ"), Z, 0),
        "occlusions": (w, {"honest": flux[0] / 100, "Hans": flux[1] / 50}, flux[0], 1),
        "shortcut": (w, flux[0], 2.0, {"same": {0: 0.8, 4: 0.9}, "clean": {0: 0.8, 4: 0.6}}, 1),
        "gallery": (survey[:5], label[1:6], proba[:5, 0]),
        "atlas": (survey, 3, survey, 1),
        "browse": (survey, 3, 11, True),
        "redshift": (survey, 3, Z, True),
        "redshift_scan": (w, flux[0], make_scan(flux[0]), Z),
        "noisy": (survey, 3, 5),
        "stages": (w, flux[0], 11, "continuum", None, True, Z, 0, "a galaxy"),
        "zooms": (w, {"blue end": (flux[0], 3900, 4000), "red end": (flux[0], 8900, 9000)}),
        "two_noises": (w, flux[0], np.where(w < 8900, 1.0, np.inf), np.linspace(1, 2, 30), 0),
        "noise_level": (w[::100], 1 / np.arange(1, 31)),
        "local_fit": (w, flux[0], 1500),
        "overlay": (w, {"raw": flux[0], "again": flux[1]}, (6500, 6700)),
        "error_curves": ([5, 10, 15], {"SNR 10": [0.7, 0.5, 0.6]}),
        "blocks": (w, flux[0]),
        "histograms": ({"first": flux[0], "second": flux[1]}, "flux"),
        "repeats": ({"SVM": {"first": [0.9, 0.91], "second": [0.8, 0.82]}},),
        "boundaries": ({"left or right": LeftOrRight()}, rng.normal(size=(36, 2)), label),
        "tuning": (rng.random((2, 3)), [1, 10], [0.01, 0.1, 1]),
        "answers": (w, flux[0], {"SVM": proba[0], "CNN": proba[1]}, 0, "SNR 5"),
        "votes": (label, {"SVM": proba, "vote": proba[::-1]}),
        "coverage": (label, {"SVM": proba}, 0.5),
        "label_noise": (
            [0, 0.1, 0.2],
            {"at random": {"SVM": [0.9, 0.8, 0.7]}, "at the border": {"SVM": [0.9, 0.7, 0.5]}},
        ),
        "search": ({"at random": rng.random(200) < np.linspace(0.9, 0, 200)}, 40),
        "alarms": (make_alarms(rng), ["CV", "BAL"], 0.1),
    }


def make_alarms(rng):
    """Two alarms, of which the first tells the kinds apart."""
    means = {"known": 0, "CV": 2, "BAL": 1}
    return {
        name: {kind: rng.normal(mean * good, 1, 40) for kind, mean in means.items()}
        for name, good in (("far away", 1), ("CNN unsure", 0))
    }


def make_scan(flux):
    """A galaxy at redshift 0.05, nearly as well a quasar at 0.3; stars near zero, none above 1."""
    z = np.linspace(0, 1.2, 241)
    chi2 = np.full((3, len(z)), 2000.0)
    for label, place in ((0, 0.05), (1, 0.3)):
        chi2[label] -= (900 - 100 * label) * np.exp(-0.5 * ((z - place) / 0.02) ** 2)
    chi2[2, z > 0.01] = np.nan
    chi2[:, z > 1] = np.nan
    fit = np.where(z[:, None] > 1, np.nan, np.linspace(1, 1.2, len(z))[:, None] * flux)
    return RedshiftScan(z, np.arange(3), chi2, fit)


class LeftOrRight:
    """Calls everything with a positive first feature a star, the rest a galaxy."""

    def predict(self, X):
        return np.where(X[:, 0] > 0, 2, 0)


CALLS = list_calls()


def call(name):
    """Draw a plot with the arguments of `CALLS`."""
    return getattr(plotting, f"plot_{name}")(*CALLS[name])
