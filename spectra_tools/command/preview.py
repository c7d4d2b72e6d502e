"""`spectra preview`: one spectrum of a file, or some random ones of each class, as a picture."""

from pathlib import Path
from typing import Annotated

import typer

from spectra_tools.command.options import Force


def preview(
    file: Annotated[Path, typer.Argument(help="A training file or a real survey file.")],
    index: Annotated[int | None, typer.Argument(help="Row of the training file.", min=0)] = None,
    out: Annotated[Path | None, typer.Option("-o", help="Picture (PNG, SVG or PDF).")] = None,
    n: Annotated[int, typer.Option("--n", help="Random spectra a class.", min=1, max=20)] = 3,
    seed: Annotated[int, typer.Option(help="Another seed, other spectra.", min=0)] = 1,
    force: Force = False,
):
    """Plot one spectrum, or some random ones of each class; without -o in a window."""
    out = choose_picture(file, out, force)
    figure, sentence = draw_preview(file, index, n, seed)
    show_or_save(figure, sentence, out)
    typer.echo(sentence)
    if out:
        typer.echo(f"Wrote {out}.")


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
    from spectra_helpers.files import open_spectra
    from spectra_helpers.plotting import plot_examples

    opened = open_spectra(path, labels=index is None)
    if len(opened.paths) > 1:
        raise ValueError(f"{path} stands for {len(opened.paths)} files: give one of them.")
    (file,) = opened.files
    if not file.is_training and len(file) == 1:
        if index:
            raise ValueError(
                f"{path} is a survey file, which holds one spectrum: leave out the {index}."
            )
        figure, sentence = _draw_spectrum(file, 0, str(file))
        return figure, f"{file}. {sentence}"
    if index is None:
        spectra = opened.read()
        figure = plot_examples(spectra, n, seed)
        return figure, figure.alt_text
    if index >= len(file):
        raise ValueError(f"{path} has rows 0 to {len(file) - 1}, not {index}.")
    return _draw_spectrum(file, index, f"{path.name}, row {index}, objid {file.objid[index]}")


def _draw_spectrum(file, row, title):
    """Draw a spectrum even if its flux or its label is bad: to see what is wrong with it."""
    from spectra_helpers.data import UNKNOWN, WAVELENGTH
    from spectra_helpers.plotting import plot_spectrum

    flux, label = file.read_row(row), file.label[row]
    label = None if label == UNKNOWN else int(label)
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

    from spectra_helpers.files import require_output
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

    from spectra_helpers.files import replace_when_done
    from spectra_helpers.plotting import save_figure

    if out is None:
        plt.show()
        return
    with replace_when_done(out) as temporary:
        save_figure(figure, temporary, sentence)
