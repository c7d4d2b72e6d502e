"""Files of SDSS, BOSS and eBOSS named 'spec-': a table with a row a pixel."""

import numpy as np

from spectra_helpers.files.fits_file import has_table, name_columns
from spectra_helpers.files.layouts.lamost_table import identify_table as is_lamost
from spectra_helpers.files.survey import (
    NativeSpectrum,
    as_float,
    as_int,
    find_label,
    survey_layout,
)

ABOUT = ("CLASS", "SUBCLASS", "Z", "SN_MEDIAN_ALL", "SPECOBJID", "PLATE", "MJD", "FIBERID")


def identify_table(hdus):
    """Tell whether the second HDU is a table with the columns of SDSS, and not LAMOST's."""
    return {"FLUX", "IVAR", "LOGLAM"} <= name_columns(hdus, 1) and not is_lamost(hdus)


def read_table(hdus, path):
    """Read flux, weights and wavelengths of one spectrum; a list of one."""
    table = hdus[1].data
    flux, loglam, ivar = (np.asarray(table[x], dtype=float) for x in ("flux", "loglam", "ivar"))
    return [NativeSpectrum(10**loglam, flux, ~(ivar > 0), _describe_object(hdus), ivar)]


def _describe_object(hdus):
    """Return class, redshift, SNR and identity from the table of the third HDU."""
    row = {}
    if has_table(hdus, 2) and len(hdus[2].data):
        first, columns = hdus[2].data[0], hdus[2].columns.names
        row = {name.upper(): first[name] for name in columns if name.upper() in ABOUT}
    return {
        "label": find_label(row.get("CLASS")),
        "subclass": str(row.get("SUBCLASS", "")).strip(),
        "redshift": as_float(row.get("Z")),
        "snr": as_float(row.get("SN_MEDIAN_ALL")),
        "objid": _number_object(row),
    }


def _number_object(row):
    """Return SPECOBJID or, where it is too long for an integer, plate, night and fibre."""
    if (number := as_int(row.get("SPECOBJID"))) > 0:
        return number
    plate, night, fibre = (as_int(row.get(name)) for name in ("PLATE", "MJD", "FIBERID"))
    return (plate * 100_000 + night) * 10_000 + fibre


SDSS = survey_layout(
    "SDSS",
    "table COADD with flux, loglam, ivar (SDSS, BOSS and eBOSS 'spec-' files)",
    identify_table,
    read_table,
)
