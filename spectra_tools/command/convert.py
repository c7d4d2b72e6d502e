"""`spectra convert`: real survey files into one training file."""

import numpy as np
from tqdm import tqdm

from spectra_helpers.data import SpectraSet
from spectra_helpers.files import read_survey_files, write_spectra


def convert_files(paths, out, label, on_error):
    """Write the real spectra that can be read as one training file, with a table TRUTH.

    Parameters
    ----------
    paths : list of Path
    out : Path
    label : int or None
        Label of spectra whose file tells no class; None leaves them out.
    on_error : callable
        Called with a sentence for each file that is left out.

    Returns
    -------
    str
        What was written.

    Raises
    ------
    ValueError
        If no file can be read, or no spectrum is left to write.
    """
    spectra = read_survey_files(tqdm(paths, unit="file", disable=None), on_error)
    unknown = spectra.label < 0
    if label is None:
        for path in spectra.truth["path"][unknown]:
            on_error(f"{path} tells no class: give --label galaxy, quasar or star.")
        spectra = spectra[~unknown]
    else:
        labels = np.where(unknown, label, spectra.label)
        spectra = SpectraSet(
            spectra.flux, labels, spectra.objid, truth=spectra.truth, source=spectra.source
        )
    if not len(spectra):
        raise ValueError(f"No spectrum is left to write: {out} was not made.")
    write_spectra(out, spectra)
    return str(spectra)
