"""What a lesson shows: its data and versions, the source of a function, real spectra."""

import logging
import shutil
from importlib.metadata import version

import matplotlib.pyplot as plt
import numpy as np
import pytest

from spectra_helpers.lessons import start as lessons
from spectra_helpers.plotting import plot_class_counts
from spectra_helpers.preprocess import energy_normalize


@pytest.fixture(autouse=True)
def restore_style():
    with plt.rc_context():
        yield


@pytest.fixture
def outputs(monkeypatch):
    """Bundles given to IPython's display."""
    shown = []
    monkeypatch.setattr(lessons, "display", lambda bundle, raw: shown.append(bundle))
    return shown


def test_lesson_opens_with_data_and_versions(easy_set, capsys):
    lessons.start_lesson(3, "Augment", easy_set)
    printed = capsys.readouterr().out
    assert "Lesson 03: Augment" in printed
    assert "60 spectra (20 galaxy, 20 quasar, 20 star)" in printed
    assert f"numpy {np.__version__}" in printed
    assert f"keras {version('keras')}" in printed
    assert plt.rcParams["font.size"] >= 11


def test_tensorflow_keeps_quiet_even_when_a_notebook_resets_its_log(easy_set, caplog):
    lessons.start_lesson(6, "Network", easy_set)
    log = logging.getLogger("tensorflow")
    log.setLevel(logging.INFO)
    log.warning("retracing")
    log.error("out of memory")
    assert caplog.messages == ["out of memory"]


def test_source_is_the_functions_own(outputs):
    lessons.show_source(energy_normalize)
    (bundle,) = outputs
    assert "def energy_normalize(flux" in bundle["text/plain"]
    assert "Returns" in bundle["text/plain"]
    assert "spectra_helpers.preprocess.normalize.energy_normalize" in bundle["text/html"]
    assert "<style" not in bundle["text/html"]  # untrusted notebooks lose style sheets


def test_source_without_docstring(outputs):
    lessons.show_source(energy_normalize, docstring=False)
    source = outputs[0]["text/plain"]
    assert "Returns" not in source
    compile(source, "shown", "exec")


def test_source_of_a_plot_is_the_plot_not_its_wrapper(outputs):
    lessons.show_source(plot_class_counts)
    assert "barh" in outputs[0]["text/plain"]


def test_no_real_spectra_without_a_folder(monkeypatch):
    monkeypatch.delenv("SPECTRA_REAL", raising=False)
    assert lessons.real_spectra() is None


def test_real_spectra_folder_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("SPECTRA_REAL", str(tmp_path / "nowhere"))
    with pytest.raises(ValueError, match="SPECTRA_REAL names"):
        lessons.real_spectra()


def test_real_spectra(monkeypatch, real_folder):
    monkeypatch.setenv("SPECTRA_REAL", str(real_folder / "sdss"))
    spectra = lessons.real_spectra()
    assert spectra.counts() == {"galaxy": 3, "quasar": 2, "star": 0}


def test_spectra_with_inverse_variances(monkeypatch, real_folder):
    monkeypatch.delenv("SPECTRA_REAL", raising=False)
    simulated = lessons.weighted_spectra(n=4, seed=3)
    assert "simulated" in simulated.source
    assert simulated.ivar.shape == (4, 3000)
    monkeypatch.setenv("SPECTRA_REAL", str(real_folder))
    real = lessons.weighted_spectra()
    assert "simulated" not in real.source
    assert real.ivar.any(axis=1).all()


def test_bad_file_among_real_spectra_is_left_out(monkeypatch, tmp_path, real_folder, capsys):
    for path in (real_folder / "sdss").glob("*.fits"):
        shutil.copy(path, tmp_path)
    (tmp_path / "page.fits").write_text("<html>")
    monkeypatch.setenv("SPECTRA_REAL", str(tmp_path))
    assert len(lessons.real_spectra()) == 5
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"Left out: {tmp_path / 'page.fits'} is not a FITS file")
