"""A set of spectra: flux and labels kept apart, one grid, one label order (lesson 01)."""

from dataclasses import dataclass, field

import numpy as np
from astropy.table import Table

WAVELENGTH = np.linspace(3900.0, 9000.0, 3000)  # vacuum Å, the grid of the training files
CLASSES = ("galaxy", "quasar", "star")  # a label is an index into this


@dataclass(frozen=True)
class SpectraSet:
    """Spectra on one wavelength grid, with labels and identifiers.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, 3000), float32
        Flux, in the units of the survey.
    label : ndarray, shape (n_spectra,), int64
        0 galaxy, 1 quasar, 2 star.
    objid : ndarray, shape (n_spectra,), int64
        Identifier of each object.
    wavelength : ndarray, shape (3000,)
        Vacuum Å.
    truth : astropy.table.Table, optional
        What a simulation knows of each spectrum (z, subtype, SNR ...), a row a spectrum.
    source : str
        Where the spectra come from; a simulated survey says so here.
    """

    flux: np.ndarray
    label: np.ndarray
    objid: np.ndarray
    wavelength: np.ndarray = field(default_factory=lambda: WAVELENGTH)
    truth: Table | None = None
    source: str = ""

    def __len__(self):
        return len(self.label)

    def __getitem__(self, rows):
        rows = np.atleast_1d(rows) if np.isscalar(rows) else rows
        truth = None if self.truth is None else self.truth[rows]
        return SpectraSet(
            self.flux[rows], self.label[rows], self.objid[rows], self.wavelength, truth, self.source
        )
