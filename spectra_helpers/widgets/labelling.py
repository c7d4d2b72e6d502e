"""Label spectra by eye with buttons or keys 1, 2, 3, and keep the answers (lesson 01)."""

from pathlib import Path

import ipywidgets as w
import numpy as np
import pandas as pd

from spectra_helpers.data import CLASSES
from spectra_helpers.files import read_table, write_table
from spectra_helpers.plotting import figure_to_html, plot_browse

# every simulated survey numbers its objects from 0: the mean flux tells whose they are
COLUMNS = ("row", "objid", "answer", "confidence", "flux")
OLDER = COLUMNS[:-1]  # tables before there was a flux
CONFIDENCES = ("guess", "rather sure", "sure")


def read_answers(path, spectra=None):
    """Read the answers given so far.

    Parameters
    ----------
    path : str or Path
        CSV file with columns row, objid, answer, confidence, flux; an older one lacks the flux.
    spectra : SpectraSet, optional
        With it the answers must be about these spectra.

    Returns
    -------
    dict of int to (str, str)
        For each row, the class and the confidence; empty where there is no file yet.

    Raises
    ------
    ValueError
        If the file is not such a table, is damaged or belongs to other spectra.
    """
    path = Path(path)
    if not path.exists():
        return {}
    try:
        table = read_table(path)
    except ValueError as error:
        raise ValueError(f"{error} To begin anew, move the file away.") from error
    if tuple(table.columns) not in (COLUMNS, OLDER):
        raise ValueError(
            f"{path} is no table of answers (columns {', '.join(COLUMNS)}): give another name."
        )
    answers = {}
    for number, line in table.to_dict("index").items():
        try:
            row, answer = read_line(line, spectra)
        except ValueError as error:
            raise ValueError(
                f"{path}, line {number}: {error}. To begin anew, move the file away."
            ) from error
        answers[row] = answer
    return answers


def read_line(line, spectra):
    """Return (row, (class, confidence)) of a line; `ValueError` says what is wrong with it."""
    row, answer, confidence = line["row"], line["answer"], line["confidence"]
    if not row.isdecimal() or (spectra is not None and int(row) >= len(spectra)):
        raise ValueError(f"there is no spectrum in row {row!r}")
    if spectra is not None and not is_about(line, spectra, int(row)):
        raise ValueError(f"row {row} is another spectrum here")
    if answer not in CLASSES:
        raise ValueError(f"the answer is none of {', '.join(CLASSES)}")
    if confidence not in CONFIDENCES:
        raise ValueError(f"the confidence is none of {', '.join(CONFIDENCES)}")
    return int(row), (answer, confidence)


def is_about(line, spectra, row):
    """Tell whether a line is about the spectrum in this row, by its number and its mean flux."""
    try:
        flux = float(line["flux"]) if "flux" in line else None
    except ValueError:
        raise ValueError(f"the flux {line['flux']!r} is no number") from None
    # computers round the last digits of a simulation in their own ways
    near = {"rtol": 1e-4, "atol": 0, "equal_nan": True}
    same = flux is None or np.isclose(flux, mean_flux(spectra, row), **near)
    return bool(same) and line["objid"] == str(int(spectra.objid[row]))


def mean_flux(spectra, row):
    """Return the mean of the absolute flux of one spectrum."""
    return np.abs(spectra.flux[row]).mean(dtype=float)


def write_answers(path, answers, spectra):
    """Write answers as CSV; a reader never meets half a file.

    Parameters
    ----------
    path : str or Path
        The CSV file.
    answers : dict of int to (str, str)
        For each row, the class and the confidence.
    spectra : SpectraSet
        What the answers are about.
    """
    rows = [
        (row, int(spectra.objid[row]), *answer, f"{mean_flux(spectra, row):.5g}")
        for row, answer in answers.items()
    ]
    write_table(path, pd.DataFrame(rows, columns=COLUMNS))


def label_spectra(spectra, rows, path):
    """Show spectra one after the other, to be labelled galaxy, quasar or star by eye.

    Parameters
    ----------
    spectra : SpectraSet
        The spectra.
    rows : sequence of int
        Which of them to label.
    path : str or Path
        CSV file for the answers, of these spectra only. It is written after every answer; with the
        same file the next time, labelling goes on where it stopped.

    Returns
    -------
    ipywidgets.VBox
        Click a class, or type 1, 2 or 3 in the field; "back" takes the last answer away.
    """
    return LabellingBox(spectra, [int(row) for row in rows], path).box


class LabellingBox:
    """The widgets of `label_spectra` and what a click does."""

    def __init__(self, spectra, rows, path):
        self.spectra, self.rows, self.path = spectra, rows, path
        self.answers = read_answers(path, spectra)
        self.progress = w.HTML()
        self.picture = w.HTML()
        self.confidence = w.ToggleButtons(
            options=CONFIDENCES, value="rather sure", description="How sure are you?",
            style={"description_width": "140px", "button_width": "110px"}, tooltip="",
        )  # fmt: skip
        narrow = {"layout": {"width": "110px"}}
        words = [f"{number} {name}" for number, name in enumerate(CLASSES, start=1)]
        self.buttons = [w.Button(description=word, **narrow) for word in words]
        self.back = w.Button(description="back", tooltip="take the last answer away", **narrow)
        self.key = w.Text(placeholder="1, 2 or 3", description="or type:",
                          layout={"width": "180px"}, tooltip="")  # fmt: skip
        for button, name in zip(self.buttons, CLASSES, strict=True):
            button.on_click(lambda _, name=name: self.answer(name))
        self.back.on_click(lambda _: self.undo())
        self.key.observe(self._type, "value")
        controls = w.HBox([*self.buttons, self.key, self.back], layout={"flex_flow": "row wrap"})
        self.box = w.VBox([self.progress, self.picture, self.confidence, controls])
        self._refresh()

    def find_current(self):
        """Return the row to label now, None when all are labelled."""
        return next((row for row in self.rows if row not in self.answers), None)

    def answer(self, name):
        """Store `name` as the class of the current spectrum and show the next one."""
        row = self.find_current()
        if row is not None:
            self.answers[row] = (name, self.confidence.value)
            self._save()

    def undo(self):
        """Take the last answer away."""
        given = [row for row in self.answers if row in self.rows]
        if given:
            del self.answers[given[-1]]
            self._save()

    def _type(self, change):
        if change.new:
            self.key.value = ""
        if change.new in ("1", "2", "3"):
            self.answer(CLASSES[int(change.new) - 1])

    def _save(self):
        write_answers(self.path, self.answers, self.spectra)
        self._refresh()

    def _refresh(self):
        row = self.find_current()
        done = sum(row in self.answers for row in self.rows)
        for button in self.buttons:
            button.disabled = row is None
        if row is not None:
            self.progress.value = f"<b>Spectrum {done + 1} of {len(self.rows)}</b>: what is it?"
            self.picture.value = figure_to_html(plot_browse(self.spectra, row), colors=None)
            return
        right = sum(self.answers[row][0] == self.spectra.class_name(row) for row in self.rows)
        self.picture.value = ""
        self.progress.value = (
            f"<b>All {len(self.rows)} labelled.</b> {right} of your answers agree with the "
            f"catalogue. They are in {Path(self.path).name}."
        )
