"""The spectrum browser: any file, any spectrum, seen in every way (lesson 01, `spectra browse`)."""

import html
from functools import lru_cache
from pathlib import Path

import ipywidgets as w
import numpy as np
import traitlets

from spectra_helpers import plotting as p
from spectra_helpers.data import name_class
from spectra_helpers.evaluate import degrade_to_snr, estimate_snr
from spectra_helpers.files import open_spectra
from spectra_helpers.lines import CLASS_LINES
from spectra_helpers.widgets.controls import (
    LOOK,
    SNRS,
    choice_slider,
    explore,
    int_slider,
    redshift_controls,
    zoom_slider,
)

AS_OBSERVED = "as observed"
LINE_LISTS = {"all lines": True} | {f"lines of a {name}": x for name, x in CLASS_LINES.items()}
LINE_LISTS |= {"no lines": None}
GRID = "repeat(auto-fit, minmax(min(360px, 100%), 1fr))"  # two columns, one on a phone


class SpectrumPicker(w.VBox):
    """Choose file, class and number; ``value`` is the name of the file and the row in it.

    Parameters
    ----------
    labels : dict of str to ndarray, shape (n_spectra,)
        For each file, the classes of its spectra.
    """

    value = traitlets.Tuple()

    def __init__(self, labels):
        self.labels, self.places = labels, {}
        self.file = w.Dropdown(options=list(labels), description="file", **LOOK)
        self.group = w.Dropdown(options=["all"], description="class", **LOOK)
        self.number = int_slider(0, 0, 0, "number in the class")
        super().__init__([self.file, self.group, self.number])
        self.file.observe(self._change_file, "value")
        self.group.observe(self._change_group, "value")
        self.number.observe(self._choose, "value")
        self._change_file()

    def _change_file(self, _=None):
        """Offer the classes of the file; the class stays if the file has it."""
        names = [name_class(i) for i in np.unique(self.labels[self.file.value])]
        group = self.group.value if self.group.value in names else "all"
        with self.group.hold_trait_notifications():
            self.group.options, self.group.value = ["all", *names], group
        self._change_group()

    def _change_group(self, _=None):
        """Go to where we have been in this class of this file."""
        names = np.array([name_class(i) for i in self.labels[self.file.value]])
        everything = self.group.value == "all"
        self.rows = np.flatnonzero(everything | (names == self.group.value))
        place = self.places.get((self.file.value, self.group.value), 0)
        with self.number.hold_trait_notifications():
            self.number.max, self.number.value = len(self.rows) - 1, place
        self._choose()

    def _choose(self, _=None):
        self.places[self.file.value, self.group.value] = self.number.value
        self.value = (self.file.value, int(self.rows[self.number.value]))


def browse_files(names):
    """Browse training files and real survey files; save what is seen.

    Parameters
    ----------
    names : list of str or Path
        Files, folders or patterns.

    Returns
    -------
    ipywidgets.VBox

    Raises
    ------
    ValueError
        If none of the files can be read. Of others the box tells, above the controls.

    Notes
    -----
    The slider of the signal-to-noise ratio adds noise to the spectrum that is seen until its own
    ratio has fallen so far. (A filter that hides noisy spectra would need ratios that the published
    training files do not tell, and shows less: a line that drowns while we look.)
    """
    left_out = []
    groups = group_files(open_spectra(names, left_out.append))
    read = lru_cache(1)(lambda file, row: groups[file].read([row]))
    picker = SpectrumPicker({name: group.label for name, group in groups.items()})
    reach, redshift = redshift_controls()
    box = explore(
        lambda **values: p.plot_stages(*_make_arguments(read, **values)),
        lambda spectrum, **_: f"{spectrum[0].partition(' ')[0]}_row_{spectrum[1]}.png",
        spectrum=picker,
        zoom=zoom_slider(),
        snr=choice_slider((AS_OBSERVED, *SNRS), AS_OBSERVED, "signal-to-noise ratio"),
        window=int_slider(1, 51, 1, "smoothing window (pixels)"),
        normalize=w.Dropdown(options=list(p.NORMALIZE), value="continuum",
                             description="normalize by", **LOOK),
        lines=w.Dropdown(options=LINE_LISTS, description="line list", **LOOK),
        reach=reach,
        redshift=redshift,
        truth=w.Checkbox(False, description="show what it is", **LOOK),
    )  # fmt: skip
    return _arrange(box, left_out)


def group_files(opened):
    """Group files as one looks at them: each training file, and the survey files of each folder.

    Parameters
    ----------
    opened : Spectra

    Returns
    -------
    dict of str to Spectra
        A name each: that of the training file, or of the folder and the number of files.
    """
    groups, folders = {}, {}
    for file in opened.files:
        if file.is_training:
            groups[_find_name(file.path.name, groups)] = opened.only([file])
        else:
            folders.setdefault(file.path.resolve().parent, []).append(file)
    for folder, files in folders.items():
        name = f"{folder.name} ({len(files)} survey file{'s' * (len(files) > 1)})"
        groups[_find_name(name, groups)] = opened.only(files)
    return groups


def _find_name(name, taken):
    """Return the name, with a number where files of two folders have the same."""
    others = (f"{name} [{number}]" for number in range(2, len(taken) + 2))
    return next(x for x in (name, *others) if x not in taken)


def _make_arguments(read, spectrum, zoom, snr, window, normalize, lines, redshift, truth, **_):
    """Return the arguments of `plot_stages` for the values of the controls."""
    file, row = spectrum
    one = read(file, row)
    flux, ratio = one.flux[0], estimate_snr(one.flux[0])
    words = _name_spectrum(one, row)
    words += f": {p.say_truth(one, 0)}" if truth else f", SNR about {ratio:.3g}"
    if snr != AS_OBSERVED and snr < ratio:
        flux = degrade_to_snr(flux, snr, row)  # the same noise while other sliders move
        words += f", noise added for SNR {snr}"
    elif snr != AS_OBSERVED:
        words += f", no noise to add for SNR {snr}"
    label = one.label[0] if truth else None
    return one.wavelength, flux, window, normalize, zoom, lines, redshift, label, words


def _name_spectrum(one, row):
    """Say which spectrum it is: the row of a training file, or the name of a survey file."""
    has_path = one.truth is not None and "path" in one.truth.colnames
    return Path(one.truth["path"][0]).name if has_path else f"row {row}"


def _arrange(box, left_out):
    """Put the controls into two columns over the picture, or one where there is little room."""
    *controls, picture = box.children
    flat = [x for c in controls for x in (c.children if isinstance(c, w.Box) else [c])]
    for control in flat:
        control.layout.width, control.style.description_width = "auto", "min(180px, 45%)"
    grid = w.GridBox(flat, layout={"grid_template_columns": GRID})
    sentences = "<br>".join(f"Left out: {html.escape(sentence)}" for sentence in left_out)
    told = [w.HTML(f'<p role="alert">{sentences}</p>')] if left_out else []
    return w.VBox([*told, grid, picture])
