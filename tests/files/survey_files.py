"""Files of every survey layout, made with astropy alone."""

import numpy as np
from astropy.io import fits

LAMOST_WAVELENGTH = 10 ** (3.5682 + 1e-4 * np.arange(3908))
LOGLAM = np.arange(3.55, 4.0, 1e-4)
DR5_ROWS = "Flux, Inverse, Wavelength, Andmask, Ormask"


def make_rows(flux=None, ivar=None, row2=None, mask=None):
    n = len(LAMOST_WAVELENGTH)
    rows = [
        100 + 0.01 * LAMOST_WAVELENGTH if flux is None else flux,
        np.ones(n) if ivar is None else ivar,
        np.ones(n) if row2 is None else row2,
        np.zeros(n) if mask is None else mask,
        np.zeros(n),
    ]
    return np.array(rows, np.float32)


def write_image(path, rows, **header):
    hdu = fits.PrimaryHDU(rows)
    hdu.header.update({"COEFF0": 3.5682, "COEFF1": 1e-4, "CLASS": "STAR", "Z": 0.001} | header)
    hdu.writeto(path)
    return path


def write_sdss(path, flux, loglam, ivar=None, about=None):
    ivar = np.ones(len(flux)) if ivar is None else ivar
    columns = [
        fits.Column(name, "E", array=array)
        for name, array in (("flux", flux), ("loglam", loglam), ("ivar", ivar))
    ]
    hdus = [fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="COADD")]
    if about:
        formats = {str: "20A", int: "K", float: "D"}
        columns = [fits.Column(k, formats[type(v)], array=[v]) for k, v in about.items()]
        hdus.append(fits.BinTableHDU.from_columns(columns, name="SPALL"))
    fits.HDUList(hdus).writeto(path)
    return path


def write_lamost_table(path, rows=None, **header):
    """Write a file as LAMOST does from data release 7 on; `rows` as for an image of DR5."""
    rows = make_rows(row2=LAMOST_WAVELENGTH) if rows is None else rows
    names = ("FLUX", "IVAR", "WAVELENGTH", "ANDMASK", "ORMASK")
    form = f"{rows.shape[1]}E"
    columns = [
        fits.Column(name, form, array=row[None]) for name, row in zip(names, rows, strict=True)
    ]
    primary = fits.PrimaryHDU()
    primary.header.update({"CLASS": "STAR", "Z": 0.001} | header)
    table = fits.BinTableHDU.from_columns(columns, name="COADD")
    fits.HDUList([primary, table]).writeto(path)
    return path
