"""A spectrum as a survey gives it becomes one on the grid of the lessons (lesson 01)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from spectra_helpers.data import UNKNOWN, WAVELENGTH, name_class
from spectra_helpers.files.fits_file import require_whole
from spectra_helpers.files.rebin import find_edges, mend_flux, rebin_flux, rebin_ivar
from spectra_helpers.files.spectra_file import Layout, SpectraFile
from spectra_helpers.files.training_check import N_PIXELS

LEAST_COVERAGE = 0.5
LABELS = {"GALAXY": 0, "QSO": 1, "STAR": 2}


@dataclass(frozen=True, eq=False)
class NativeSpectrum:
    """A spectrum on its own pixels, as the reader of a layout returns it.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        Vacuum Å, rising; flux density in the units of the file.
    bad : ndarray of bool, shape (n_pixels,)
        Pixels without information.
    about : dict
        ``label``, ``subclass``, ``redshift``, ``snr`` and ``objid``, as in `SurveySpectrum`.
    ivar : ndarray, shape (n_pixels,), optional
        Inverse variance of the flux, where the file gives one.
    """

    wavelength: np.ndarray
    flux: np.ndarray
    bad: np.ndarray
    about: dict
    ivar: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class SurveySpectrum:
    """One real spectrum on the grid of the lessons.

    Parameters
    ----------
    flux : ndarray, shape (3000,), float32
        Flux density in the units of the file.
    ivar : ndarray, shape (3000,), float32, or None
        Inverse variance of the flux, 0 where nothing was measured; None if it is not known.
    label : int or None
        0 galaxy, 1 quasar, 2 star; None where the survey gives no class.
    subclass : str
        Such as ``"G5"`` or ``"STARFORMING"``; may be empty.
    redshift : float
        NaN where the survey gives none.
    snr : float
        Signal to noise in the r band (LAMOST) or its median over all pixels (SDSS); NaN if unknown.
    layout : str
        Name of the file's layout.
    n_bridged : int
        Bad pixels of the file between 3900 and 9000 Å whose flux was replaced.
    objid : int
        LAMOST's OBSID or SDSS's SPECOBJID, else made from date, plate or spectrograph, and fibre.
    path : Path
    """

    flux: np.ndarray
    ivar: np.ndarray | None
    label: int | None
    subclass: str
    redshift: float
    snr: float
    layout: str
    n_bridged: int
    objid: int
    path: Path

    def __str__(self):
        name = name_class(UNKNOWN if self.label is None else self.label)
        kind = f"{name} {self.subclass}".strip()
        return (
            f"{self.path.name}: {kind}, z = {self.redshift:.5f}, "
            f"SNR {self.snr:.0f}, {self.layout}, {self.n_bridged} pixels bridged"
        )

    def as_truth(self):
        """Return what a truth table holds of this spectrum."""
        return {
            "z": self.redshift,
            "subtype": self.subclass,
            "snr": self.snr,
            "n_bridged": self.n_bridged,
            "path": str(self.path),
        }


@dataclass(frozen=True, eq=False)
class SurveyFile(SpectraFile):
    """A file of a survey. To know that it is good we must read it, so its spectra are kept."""

    spectra: tuple = ()

    def read_into(self, flux, places, rows):
        """Copy spectra into `flux`; return what is known of each, a dict each."""
        chosen = [self.spectra[row] for row in rows]
        flux[places] = [x.flux for x in chosen]
        return [x.as_truth() for x in chosen]

    def read_ivar_into(self, ivar, places, rows):
        """Copy inverse variances into `ivar`, where they are known."""
        for place, row in zip(places, rows, strict=True):
            if self.spectra[row].ivar is not None:
                ivar[place] = self.spectra[row].ivar

    def iterate_flux(self, n):
        """Yield ``(first row, flux)``."""
        for start in range(0, len(self), n):
            yield start, np.array([x.flux for x in self.spectra[start : start + n]])

    def iterate_ivar(self, n):
        """Yield inverse variances, zeros where they are not known."""
        for start in range(0, len(self), n):
            rows = np.arange(start, min(start + n, len(self)))
            ivar = np.zeros((len(rows), N_PIXELS), np.float32)
            self.read_ivar_into(ivar, rows - start, rows)
            yield ivar

    def __str__(self):
        return str(self.spectra[0]) if len(self) == 1 else super().__str__()


def survey_layout(name, description, identify, read):
    """Return the `Layout` of a survey's files.

    Parameters
    ----------
    name, description, identify
        As in `Layout`.
    read : callable
        Takes the content of a file and its path, and returns a list of `NativeSpectrum`: all
        spectra of the file.
    """
    return Layout(name, description, identify, partial(_open_survey_file, read, name))


def _open_survey_file(read: Callable, layout, hdus, path):
    require_whole(hdus, path)
    spectra = tuple(put_on_grid(native, layout, path) for native in read(hdus, path))
    label = [UNKNOWN if x.label is None else x.label for x in spectra]
    objid = np.array([x.objid for x in spectra], np.int64)
    has_ivar = any(x.ivar is not None for x in spectra)
    return SurveyFile(
        path, layout, np.array(label, np.int64), objid, has_ivar=has_ivar, spectra=spectra
    )


def put_on_grid(native, layout, path):
    """Put one real spectrum on the grid 3900-9000 Å × 3000.

    Parameters
    ----------
    native : NativeSpectrum
    layout : str
    path : Path

    Returns
    -------
    SurveySpectrum
        Bad pixels are bridged by a straight line. An end without good pixels continues flat at the
        median of the nearest 50 good ones: a drop to zero would look like a feature of the object.
        The inverse variance is 0 in both.

    Raises
    ------
    ValueError
        If its wavelengths or shapes cannot be right, or it has good pixels in less than half of the
        grid.
    """
    wavelength, flux = native.wavelength, native.flux.astype(float)
    _require_shapes(wavelength, flux, path)
    bad = native.bad | ~np.isfinite(flux)
    inside = (wavelength >= WAVELENGTH[0]) & (wavelength <= WAVELENGTH[-1])
    coverage = np.interp(WAVELENGTH, wavelength, ~bad, left=0, right=0).mean()
    if coverage < LEAST_COVERAGE or not flux[inside & ~bad].any():
        raise ValueError(
            f"{path} has good pixels in {coverage:.0%} of 3900-9000 Å, or no flux in them: "
            f"at least {LEAST_COVERAGE:.0%} is needed to classify it."
        )
    edges = find_edges(WAVELENGTH)
    flux = rebin_flux(*mend_flux(wavelength, flux, bad, edges), edges).astype(np.float32)
    ivar, n_bridged = _put_ivar_on_grid(native, bad, edges), int(np.sum(bad & inside))
    return SurveySpectrum(flux, ivar, **native.about, layout=layout, n_bridged=n_bridged, path=path)


def _put_ivar_on_grid(native, bad, edges):
    """Return the inverse variance of the new pixels; None if the file gives none at all."""
    if native.ivar is None:
        return None
    ivar = native.ivar.astype(float)
    known = ~bad & np.isfinite(ivar) & (ivar > 0)
    ivar = rebin_ivar(find_edges(native.wavelength), np.where(known, ivar, 0), edges)
    return ivar.astype(np.float32) if ivar.any() else None


def _require_shapes(wavelength, flux, path):
    if wavelength.ndim != 1 or wavelength.shape != flux.shape or len(flux) < 100:
        raise ValueError(
            f"{path} has flux of shape {flux.shape} and wavelengths of shape {wavelength.shape}: "
            "they must be one row each, of equal length."
        )
    if not np.all(np.isfinite(wavelength)) or np.any(np.diff(wavelength) <= 0):
        raise ValueError(f"{path} has wavelengths that are NaN or do not rise: get it again.")


def find_label(word):
    """Return the label of a survey's word for a class (GALAXY, QSO, STAR), None for others."""
    return LABELS.get(str(word).strip().upper())


def as_float(value):
    """Return a number from a header or table, NaN if it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def as_int(value):
    """Return a whole number from a header or table, 0 if it is none or has over 64 bits."""
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    return number if abs(number) <= np.iinfo(np.int64).max else 0
