"""One real LAMOST or SDSS file becomes one spectrum on the grid of the lessons (lesson 01)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table
from scipy.ndimage import median_filter

from spectra_helpers.data import UNKNOWN, WAVELENGTH, SpectraSet, name_class
from spectra_helpers.files.file_check import (
    ends_in_a_header,
    find_truncation,
    looks_like_training_file,
    open_fits,
)
from spectra_helpers.files.rebin import find_edges, rebin_flux
from spectra_helpers.files.survey_layouts import read_native

END_PIXELS = 50  # an end that is not covered continues at the median of so many good pixels
BRIDGE_PIXELS = 5  # a gap is bridged between medians of so many good pixels
LEAST_COVERAGE = 0.5


@dataclass(frozen=True, eq=False)
class SurveySpectrum:
    """One real spectrum on the grid of the lessons.

    Parameters
    ----------
    flux : ndarray, shape (3000,), float32
        Flux density in the units of the file.
    wavelength : ndarray, shape (3000,)
        Vacuum Å.
    label : int or None
        0 galaxy, 1 quasar, 2 star; None where the survey gives no class.
    subclass : str
        Such as ``"G5"`` or ``"STARFORMING"``; may be empty.
    redshift : float
        NaN where the survey gives none.
    snr : float
        Signal to noise in the r band (LAMOST) or its median over all pixels (SDSS); NaN if unknown.
    layout : str
        Name of the file's layout, see `survey_layouts.LAYOUTS`.
    n_bridged : int
        Bad pixels of the file between 3900 and 9000 Å whose flux was replaced.
    objid : int
        LAMOST's OBSID or SDSS's SPECOBJID, else made from date, plate or spectrograph, and fibre.
    path : Path
    """

    flux: np.ndarray
    wavelength: np.ndarray
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


def read_survey_file(path):
    """Read one real spectrum of LAMOST or SDSS and put it on the grid 3900-9000 Å × 3000.

    Parameters
    ----------
    path : str or Path
        A ``.fits`` or ``.fits.gz`` file of one of `survey_layouts.LAYOUTS`.

    Returns
    -------
    SurveySpectrum
        Bad pixels are bridged by a straight line. An end without good pixels continues flat at the
        median of the nearest 50 good ones: a drop to zero would look like a feature of the object.

    Raises
    ------
    ValueError
        If the file has none of the layouts, is damaged, or has good pixels in less than half of the
        grid.
    """
    path = Path(path)
    with open_fits(path) as hdus:
        if looks_like_training_file(hdus):
            raise ValueError(f"{path} is a training file, not a survey file: use read_spectra.")
        if problem := find_truncation(hdus, path):
            raise ValueError(problem)
        if ends_in_a_header(hdus, path):
            raise ValueError(
                f"{path} is truncated in a header after HDU {len(hdus)}. Get it again."
            )
        native = read_native(hdus, path)
    wavelength, flux, bad = native.wavelength, native.flux.astype(float), native.bad
    inside = (wavelength >= WAVELENGTH[0]) & (wavelength <= WAVELENGTH[-1])
    coverage = np.interp(WAVELENGTH, wavelength, ~bad, left=0, right=0).mean()
    if coverage < LEAST_COVERAGE or not flux[inside & ~bad].any():
        raise ValueError(
            f"{path} has good pixels in {coverage:.0%} of 3900-9000 Å, or no flux in them: "
            f"at least {LEAST_COVERAGE:.0%} is needed to classify it."
        )
    edges, flux = _mend(wavelength, flux, bad)
    return SurveySpectrum(
        flux=rebin_flux(edges, flux, find_edges(WAVELENGTH)).astype(np.float32),
        wavelength=WAVELENGTH,
        n_bridged=int(np.sum(bad & inside)),
        path=path,
        **native.about,
    )


def _mend(wavelength, flux, bad):
    """Bridge bad pixels and continue both ends; return the edges of all pixels and their flux."""
    good = np.flatnonzero(~bad)
    blue, red = (np.median(flux[part]) for part in (good[:END_PIXELS], good[-END_PIXELS:]))
    smooth = median_filter(flux[good], BRIDGE_PIXELS, mode="nearest")
    mended = flux.copy()
    mended[bad] = np.interp(wavelength[bad], wavelength[good], smooth, left=blue, right=red)
    edges = find_edges(wavelength)
    wanted = find_edges(WAVELENGTH)[[0, -1]]
    if wanted[0] < edges[0]:
        edges, mended = np.r_[wanted[0], edges], np.r_[blue, mended]
    if wanted[1] > edges[-1]:
        edges, mended = np.r_[edges, wanted[1]], np.r_[mended, red]
    return edges, mended


def find_survey_files(folder):
    """Return the FITS files in a folder and the folders in it, sorted by name.

    Names that begin with a dot are passed over: macOS puts a ``._x.fits``, which is none, beside a
    ``x.fits``.
    """
    files = [path for path in Path(folder).rglob("*") if not path.name.startswith(".")]
    endings = (".fits", ".fits.gz")
    return sorted(x for x in files if x.name.lower().endswith(endings) and x.is_file())


def read_survey_files(paths, on_error=None):
    """Read real spectra as one set.

    Parameters
    ----------
    paths : list of paths
    on_error : callable, optional
        Called with the `ValueError` of a file that cannot be read, which is then left out. Without
        it the error is raised.

    Returns
    -------
    SpectraSet
        `truth` has the columns z, subtype, snr, n_bridged and path.
    """
    spectra = []
    for path in paths:
        try:
            spectra.append(read_survey_file(path))
        except ValueError as error:
            if on_error is None:
                raise
            on_error(error)
    return _gather(spectra)


def _gather(spectra):
    if not spectra:
        raise ValueError("None of the files could be read: give files of LAMOST or SDSS spectra.")
    truth = Table(
        {
            "z": [x.redshift for x in spectra],
            "subtype": [x.subclass for x in spectra],
            "snr": [x.snr for x in spectra],
            "n_bridged": [x.n_bridged for x in spectra],
            "path": [str(x.path) for x in spectra],
        }
    )
    return SpectraSet(
        flux=np.array([x.flux for x in spectra]),
        label=[UNKNOWN if x.label is None else x.label for x in spectra],
        objid=[x.objid for x in spectra],
        truth=truth,
        source=f"{len(spectra)} real survey file{'s' if len(spectra) > 1 else ''}",
    )


def read_survey_folder(folder, on_error=None):
    """Read all real spectra in a folder, and the folders in it, as one set.

    Parameters
    ----------
    folder : str or Path
    on_error : callable, optional
        As in `read_survey_files`.

    Returns
    -------
    SpectraSet
        As from `read_survey_files`.

    Raises
    ------
    ValueError
        If there is no FITS file in the folder, or, without `on_error`, one cannot be read.
    """
    paths = find_survey_files(folder)
    if not paths:
        raise ValueError(f"{folder} holds no .fits or .fits.gz file: give a folder of spectra.")
    return read_survey_files(paths, on_error)
