"""The layouts of LAMOST and SDSS files: where flux, wavelength, masks and class are (lesson 01)."""

from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from spectra_helpers.lines import SKY_LINES

LAYOUTS = {
    "LAMOST DR1": "image of 5 rows, wavelength from COEFF0 and COEFF1 (DR1, DR2)",
    "LAMOST DR5": "image of 5 rows, row 2 is the wavelength (DR3 to DR6)",
    "LAMOST DR9": "table COADD of one row with FLUX, IVAR, WAVELENGTH (DR7 on)",
    "SDSS": "table COADD with flux, loglam, ivar (SDSS, BOSS and eBOSS 'spec-' files)",
}
LABELS = {"GALAXY": 0, "QSO": 1, "STAR": 2}
SKY_HALF_WIDTH = 12.0  # Å; the residual of the 5577 Å sky line is no wider
LAMOST_BRIGHT_SKY = 8  # the one and-mask bit that marks a noisy pixel, not a lost one
SDSS_COLUMNS = (
    "CLASS", "SUBCLASS", "Z", "SN_MEDIAN_ALL", "SPECOBJID", "PLATE", "MJD", "FIBERID",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class NativeSpectrum:
    """A spectrum on its own pixels; `bad` marks those without information, `about` the object."""

    wavelength: np.ndarray
    flux: np.ndarray
    bad: np.ndarray
    about: dict


def read_native(hdus, path):
    """Read an open survey file, whichever of the `LAYOUTS` it has.

    Parameters
    ----------
    hdus : astropy.io.fits.HDUList
    path : Path
        For messages.

    Returns
    -------
    NativeSpectrum

    Raises
    ------
    ValueError
        If the layout is not known, or its wavelengths or shapes cannot be right.
    """
    layout = _find_layout(hdus, path)
    read_arrays = {"LAMOST DR9": _read_lamost_table, "SDSS": _read_sdss_table}
    wavelength, flux, bad = read_arrays.get(layout, _read_lamost_image)(hdus, path)
    _check_arrays(wavelength, flux, path)
    about = _describe_sdss(hdus) if layout == "SDSS" else _describe_lamost(hdus[0].header)
    return NativeSpectrum(wavelength, flux, bad | ~np.isfinite(flux), {"layout": layout, **about})


def _find_layout(hdus, path):
    shape = hdus[0].shape
    if len(shape) == 2 and shape[0] == 5:
        return "LAMOST DR5" if "wavelength" in _name_rows(hdus[0].header) else "LAMOST DR1"
    if len(hdus) > 1 and isinstance(hdus[1], fits.BinTableHDU):
        names = {name.upper() for name in hdus[1].columns.names}
        if {"FLUX", "IVAR", "WAVELENGTH", "ANDMASK"} <= names:
            return "LAMOST DR9"
        if {"FLUX", "IVAR", "LOGLAM"} <= names:
            return "SDSS"
    known = "; ".join(f"{name}: {what}" for name, what in LAYOUTS.items())
    raise ValueError(f"{path} is no training file and has none of the layouts we know: {known}.")


def _name_rows(header):
    return str(header.get("EXTEN0", "")).lower()


def _read_lamost_image(hdus, path):
    header, rows = hdus[0].header, np.asarray(hdus[0].data, dtype=float)
    flux, ivar, mask = rows[0], rows[1], rows[3]
    if "wavelength" in _name_rows(header):
        wavelength = rows[2]
    elif "COEFF0" in header and "COEFF1" in header:
        wavelength = 10 ** (header["COEFF0"] + header["COEFF1"] * np.arange(len(flux)))
    else:
        raise ValueError(f"{path} tells no wavelengths: neither COEFF0 and COEFF1 nor a row of it.")
    return wavelength, flux, _find_bad_lamost(wavelength, flux, ivar, mask)


def _read_lamost_table(hdus, path):
    table = hdus[1].data
    if len(table) != 1:
        raise ValueError(f"{path} has {len(table)} rows in its table, not one: get it again.")
    names = ("WAVELENGTH", "FLUX", "IVAR", "ANDMASK")
    wavelength, flux, ivar, mask = (np.array(table[name][0], dtype=float) for name in names)
    return wavelength, flux, _find_bad_lamost(wavelength, flux, ivar, mask)


def _find_bad_lamost(wavelength, flux, ivar, mask):
    """Mark dead pixels, masked ones, and those that the brightest sky line has spoiled.

    An inverse variance of 0 is not enough: DR1 has it in the cores of deep lines, in the whole
    telluric A band and for faint pixels in the blue, where the flux is good. To bridge them would
    fill in the very lines that tell a star.
    """
    no_weight = ~(ivar > 0)
    near_sky = np.abs(wavelength - SKY_LINES[0]) < SKY_HALF_WIDTH
    bits = np.nan_to_num(mask).astype(int)
    return no_weight & ((flux == 0) | near_sky) | (bits & ~LAMOST_BRIGHT_SKY != 0)


def _read_sdss_table(hdus, path):
    table = hdus[1].data
    flux, loglam, ivar = (np.asarray(table[x], dtype=float) for x in ("flux", "loglam", "ivar"))
    return 10**loglam, flux, ~(ivar > 0)


def _check_arrays(wavelength, flux, path):
    if wavelength.ndim != 1 or wavelength.shape != flux.shape or len(flux) < 100:
        raise ValueError(
            f"{path} has flux of shape {flux.shape} and wavelengths of shape {wavelength.shape}: "
            "they must be one row each, of equal length."
        )
    if not np.all(np.isfinite(wavelength)) or np.any(np.diff(wavelength) <= 0):
        raise ValueError(f"{path} has wavelengths that are NaN or do not rise: get it again.")


def _describe_lamost(header):
    return {
        "label": LABELS.get(str(header.get("CLASS")).strip().upper()),
        "subclass": str(header.get("SUBCLASS", "")).strip(),
        "redshift": _as_float(header.get("Z")),
        "snr": _as_float(header.get("SNRR", header.get("SN_R"))),
        "objid": _number_lamost(header),
    }


def _number_lamost(header):
    """Return OBSID or, where DR1 has none, night, spectrograph and fibre as in the file's name."""
    if obsid := _as_int(header.get("OBSID")):
        return obsid
    night, spectrograph, fibre = (_as_int(header.get(x)) for x in ("LMJD", "SPID", "FIBERID"))
    return night * 100_000 + spectrograph * 1000 + fibre


def _describe_sdss(hdus):
    row = {}
    if len(hdus) > 2 and isinstance(hdus[2], fits.BinTableHDU) and len(hdus[2].data):
        first, columns = hdus[2].data[0], hdus[2].columns.names
        row = {name.upper(): first[name] for name in columns if name.upper() in SDSS_COLUMNS}
    return {
        "label": LABELS.get(str(row.get("CLASS")).strip().upper()),
        "subclass": str(row.get("SUBCLASS", "")).strip(),
        "redshift": _as_float(row.get("Z")),
        "snr": _as_float(row.get("SN_MEDIAN_ALL")),
        "objid": _number_sdss(row),
    }


def _number_sdss(row):
    """Return SPECOBJID or, where it is too long for an integer, plate, night and fibre."""
    number = _as_int(row.get("SPECOBJID"))
    if 0 < number <= np.iinfo(np.int64).max:
        return number
    plate, night, fibre = (_as_int(row.get(name)) for name in ("PLATE", "MJD", "FIBERID"))
    return (plate * 100_000 + night) * 10_000 + fibre


def _as_float(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _as_int(value):
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
