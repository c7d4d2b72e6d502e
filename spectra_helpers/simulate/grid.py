"""The two wavelength grids of the simulation: at rest and observed."""

import numpy as np

from spectra_helpers.data import WAVELENGTH

LOG_STEP = 2e-4  # in ln λ: 60 km/s, a little finer than LAMOST's own pixels (69 km/s)
REST_WAVELENGTH = np.exp(np.arange(np.log(700.0), np.log(9800.0), LOG_STEP))  # vacuum Å

PADDING = 40  # pixels beyond each end, so that the instrument's blur has something to work on
STEP = float(WAVELENGTH[1] - WAVELENGTH[0])
OBSERVED_WAVELENGTH = WAVELENGTH[0] + STEP * np.arange(-PADDING, len(WAVELENGTH) + PADDING)
OBSERVED_EDGES = np.append(OBSERVED_WAVELENGTH - STEP / 2, OBSERVED_WAVELENGTH[-1] + STEP / 2)
