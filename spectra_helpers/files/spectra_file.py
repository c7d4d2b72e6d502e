"""What every layout has in common, and what opening a file gives."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from spectra_helpers.data import CLASSES, UNKNOWN
from spectra_helpers.files.training_check import N_PIXELS


@dataclass(frozen=True)
class Layout:
    """A way of storing spectra that we can read.

    Parameters
    ----------
    name : str
        Such as ``"LAMOST DR5"``.
    description : str
        Where flux and wavelength are, for somebody whose file is none of the layouts.
    identify : callable
        Takes the content of a file and tells whether it has this layout. Headers and shapes must be
        enough to tell; it raises nothing.
    open : callable
        Takes the content and the path, and returns a `SpectraFile`; a `ValueError` says in one
        sentence why the file cannot be read.
    content : type
        What an open file of this kind is; a layout is asked about nothing else.
    """

    name: str
    description: str
    identify: Callable
    open: Callable
    content: type = fits.HDUList


@dataclass(frozen=True, eq=False)
class SpectraFile:
    """A file that was recognised: what it holds, and the way to its spectra.

    Parameters
    ----------
    path : Path
    layout : str
        Name of its `Layout`.
    label : ndarray, shape (n_spectra,), int64
        0 galaxy, 1 quasar, 2 star; -1 where the file tells no class.
    objid : ndarray, shape (n_spectra,), int64
    label_problem : str or None
        A sentence if labels of the file have no meaning; `label` is -1 there.
    has_ivar : bool
        Whether the file gives an inverse variance of its spectra.
    """

    path: Path
    layout: str
    label: np.ndarray
    objid: np.ndarray
    label_problem: str | None = None
    has_ivar: bool = False

    is_training = False

    def __len__(self):
        return len(self.label)

    def read_into(self, flux, places, rows):
        """Read spectra as they are, good or bad.

        Parameters
        ----------
        flux : ndarray, shape (n, 3000), float32
            Spectra are written into it.
        places, rows : ndarray of int, shape (n_rows,)
            Row ``rows[i]`` of the file comes to ``flux[places[i]]``.

        Returns
        -------
        Table, list of dict or None
            What the file knows of each of the rows.
        """
        raise NotImplementedError

    def read_ivar_into(self, ivar, places, rows):
        """Read inverse variances as `read_into` reads flux, from a file that has them.

        Parameters
        ----------
        ivar : ndarray, shape (n, 3000), float32
            Rows that are not known stay as they are.
        places, rows
            As in `read_into`.
        """
        raise NotImplementedError

    def iterate_flux(self, n):
        """Yield ``(first row, flux)`` for up to `n` spectra at a time, as they are."""
        raise NotImplementedError

    def iterate_ivar(self, n):
        """Yield inverse variances beside `iterate_flux`, from a file that has them."""
        raise NotImplementedError

    def find_problems(self):
        """Return a sentence for everything that is wrong with the spectra of the file."""
        return []

    def read_row(self, row):
        """Return the flux of one spectrum as it is, shape (3000,)."""
        flux = np.empty((1, N_PIXELS), np.float32)
        self.read_into(flux, np.array([0]), np.array([row]))
        return flux[0]

    def __str__(self):
        numbers = [f"{np.sum(self.label == i):,} {name}" for i, name in enumerate(CLASSES)]
        unknown = np.sum(self.label == UNKNOWN)
        numbers += [f"{unknown:,} unknown"] if unknown else []
        return f"{self.path}: {len(self):,} spectra ({', '.join(numbers)})"


def find_layout(content, layouts):
    """Return the first layout that an open file has, or None."""
    return next(
        (x for x in layouts if isinstance(content, x.content) and x.identify(content)), None
    )
