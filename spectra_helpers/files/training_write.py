"""Writing training files as they are published, with TRUTH and IVAR beside (lesson 01)."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from spectra_helpers.data import UNKNOWN
from spectra_helpers.files.output import compress_file, replace_when_done
from spectra_helpers.files.training_check import CHUNK, N_PIXELS, find_bad_ivar, name_rows
from spectra_helpers.preprocess import check_flux


def require_training_name(path):
    """Check, before long work, that we write what a name promises; `ValueError` if not."""
    if Path(path).suffix.lower() in (".bz2", ".xz", ".z", ".zip"):
        raise ValueError(
            f"{path} is a name for a way of compressing that we do not write: let it end in "
            ".fits or .fits.gz."
        )


def write_spectra(path, spectra):
    """Write a training file as published, and TRUTH and IVAR where they are known.

    Parameters
    ----------
    path : str or Path
        Written under a temporary name and then renamed, so that nobody meets half a file. It is
        compressed if its name ends in .gz.
    spectra : SpectraSet
        Every spectrum needs a label.

    Raises
    ------
    ValueError
        If the grid is not the training grid, a label is missing, there are no spectra, or one has
        NaN, infinite values or nothing but zeros; if an inverse variance is negative, NaN or
        infinite; if the name promises another way of compressing.
    """
    require_training_name(path)
    if not len(spectra) or spectra.flux.shape[1] != N_PIXELS:
        raise ValueError(f"A training file needs at least one spectrum of {N_PIXELS} pixels.")
    if np.any(spectra.label == UNKNOWN):
        raise ValueError("A training file needs a label for every spectrum: leave the others out.")
    check_flux(spectra.flux)
    if spectra.ivar is not None:
        _check_ivar(spectra.ivar)
    with replace_when_done(path) as temporary:
        _write_image(temporary, fits.PrimaryHDU().header, spectra.flux, ">f8")
        with fits.open(temporary, mode="append") as hdus:
            for table in _make_tables(spectra):
                hdus.append(table)
        if spectra.ivar is not None and spectra.ivar.any():
            _write_image(temporary, fits.ImageHDU(name="IVAR").header, spectra.ivar, ">f4")
        if Path(path).suffix.lower() == ".gz":
            compress_file(temporary)


def _check_ivar(ivar):
    rows = np.flatnonzero(find_bad_ivar(ivar))
    if rows.size:
        raise ValueError(
            f"The inverse variance is negative, NaN or infinite in {name_rows(rows)}: give 0 where "
            "nothing was measured."
        )


def _write_image(path, header, image, dtype):
    """Write an image a chunk at a time: the first of a file, or one more at its end."""
    header["BITPIX"] = -8 * np.dtype(dtype).itemsize
    header["NAXIS"] = 2
    header.insert("NAXIS", ("NAXIS1", image.shape[1]), after=True)
    header.insert("NAXIS1", ("NAXIS2", image.shape[0]), after=True)
    stream = fits.StreamingHDU(str(path), header)  # a Path is always taken for a new file
    for start in range(0, len(image), CHUNK):
        stream.write(image[start : start + CHUNK].astype(dtype))
    stream.close()


def _make_tables(spectra):
    columns = [
        fits.Column("objid", "K", array=spectra.objid),
        fits.Column("label", "K", array=spectra.label),
    ]
    tables = [fits.BinTableHDU.from_columns(columns)]
    if spectra.truth is not None:
        tables.append(fits.table_to_hdu(_keep_ascii(spectra.truth)))
        tables[-1].name = "TRUTH"
    return tables


def _keep_ascii(table):
    """Return the table with escapes for letters beyond ASCII, which FITS does not know."""
    words = [name for name in table.colnames if table[name].dtype.kind == "U"]
    table = table.copy()
    for name in words:
        table[name] = np.char.encode(table[name], "ascii", "backslashreplace")
    return table
