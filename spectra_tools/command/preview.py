"""`spectra preview`: one spectrum of a file, or some random ones of each class, as a picture."""

from pathlib import Path

from spectra_helpers.data import CLASSES
from spectra_helpers.files import (
    count_rows,
    is_training_file,
    read_rows,
    read_spectra,
    read_survey_file,
    replace_when_done,
    require_output,
)


def draw_preview(path, index, n, seed):
    """Draw one spectrum of a file, or `n` random ones of each class.

    Parameters
    ----------
    path : Path
        A training file or a real survey file.
    index : int or None
        Row of a training file; a survey file has row 0 only.
    n, seed : int
        Number of spectra a class, and the seed that chooses them.

    Returns
    -------
    figure : matplotlib.figure.Figure
    sentence : str
        The same in words.

    Raises
    ------
    ValueError
        If the file has no such row, or is none that can be read.
    """
    from spectra_helpers.data import WAVELENGTH
    from spectra_helpers.plotting import plot_examples, plot_spectrum

    if not is_training_file(path):
        if index:
            raise ValueError(
                f"{path} is a survey file, which holds one spectrum: leave out the {index}."
            )
        x = read_survey_file(path)
        figure = plot_spectrum(x.wavelength, x.flux, x.label, title=str(x))
        return figure, figure.alt_text
    if index is None:
        spectra = read_spectra(path)
        figure = plot_examples(spectra, n, seed)
        return figure, figure.alt_text
    if index >= count_rows(path):
        raise ValueError(f"{path} has rows 0 to {count_rows(path) - 1}, not {index}.")
    flux, objid, label = (part[0] for part in read_rows(path, index, index + 1))
    label = int(label) if label in range(len(CLASSES)) else None
    title = f"{path.name}, row {index}, objid {objid}"
    figure = plot_spectrum(WAVELENGTH, flux, label, title=title)
    return figure, figure.alt_text


def choose_picture(path, out, force):
    """Return the picture to write for a file, or None where a window can show it.

    Raises
    ------
    ValueError
        Before anything is drawn: the name does not end as one of a picture, or `require_output`
        refuses it.
    """
    import matplotlib.pyplot as plt
    from matplotlib.backends import BackendFilter, backend_registry

    from spectra_helpers.plotting import require_picture

    windows = backend_registry.list_builtin(BackendFilter.INTERACTIVE)
    if out is None and plt.get_backend().lower() in windows:
        return None
    out = Path(f"{path.stem}_preview.png") if out is None else out
    require_picture(out)
    require_output(out, force, [path])
    return out


def show_or_save(figure, sentence, out):
    """Save a figure to `out`, or show it in a window if that is None."""
    import matplotlib.pyplot as plt

    from spectra_helpers.plotting import save_figure

    if out is None:
        plt.show()
        return
    with replace_when_done(out) as temporary:
        save_figure(figure, temporary, sentence)
