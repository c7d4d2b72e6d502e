"""What tests share: where the real spectra are, and small sets that need no simulation."""

import os
from pathlib import Path

import numpy as np
import pytest

from spectra_helpers.data import WAVELENGTH, SpectraSet

os.environ.setdefault("SPECTRA_TIER", "tiny")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def real_folder():
    """Folder of real survey files, or a skip that says how to give one."""
    folder = Path(os.environ.get("SPECTRA_REAL", Path(__file__).parents[2] / "shared" / "surveys"))
    if not folder.is_dir():
        pytest.skip(f"no real spectra at {folder}: set SPECTRA_REAL to a folder of them")
    return folder


@pytest.fixture(scope="session")
def easy_set():
    """60 spectra that anything can tell apart: one broad bump a class, little noise."""
    rng = np.random.default_rng(7)
    label = np.arange(60) % 3
    centre = np.array([4500.0, 6500.0, 8500.0])[label][:, None]
    flux = 1 + 2 * np.exp(-0.5 * ((WAVELENGTH - centre) / 150) ** 2)
    flux = 50 * flux + rng.normal(0, 1, flux.shape)
    return SpectraSet(flux, label, 1000 + np.arange(60), source="easy set")
