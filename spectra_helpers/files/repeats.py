"""Spectra that are there more than once, and objects that were observed again (lesson 03)."""

from dataclasses import dataclass, field

import numpy as np

from spectra_helpers.data import digest_flux, name_class

ROWS_AT_ONCE = 1000


def join_objids(objids):
    """Join the objids of several files; those that number their rows alike share no object by it.

    Parameters
    ----------
    objids : list of ndarray of int
        One array a file.

    Returns
    -------
    ndarray of int, shape (n_spectra,)
        Where two files have nothing but the numbers of their rows (7, 8, 9 …), and the same ones,
        those of the second are raised: by 2⁴⁰ in the second file, twice that in the third, …
    """
    joined, counted = [], []
    for i, objid in enumerate(objids):
        if len(objid) > 1 and np.all(np.diff(objid) == 1):
            shared = any(objid[0] <= last and objid[-1] >= first for first, last in counted)
            counted.append((objid[0], objid[-1]))
            objid = objid + shared * i * 2**40
        joined.append(objid)
    return np.concatenate(joined)


@dataclass
class Repeats:
    """What is found more than once in the files that are added.

    Attributes
    ----------
    places : list of str
        File and row of each spectrum that was added.
    """

    places: list = field(default_factory=list)
    _objid: list = field(default_factory=list)
    _label: list = field(default_factory=list)
    _light: list = field(default_factory=list)

    def add(self, file):
        """Look at all spectra of a `SpectraFile`."""
        self.places += [f"{file.path} row {row}" for row in range(len(file))]
        self._objid.append(file.objid)
        self._label.append(file.label)
        self._light += [digest_flux(flux) for _, flux in file.iterate_flux(ROWS_AT_ONCE)]

    def tell(self):
        """Return a sentence for each kind of repetition, with an example; none if there is none."""
        if not self.places:
            return []
        objid, light = join_objids(self._objid), np.concatenate(self._light)
        known = np.flatnonzero(objid > 0)
        again = _find_repeated(light)
        seen = known[_find_repeated(objid[known])]
        told = [
            self._tell(again, light, "equal flux: leave them out, or they count twice"),
            self._tell(
                np.setdiff1d(seen, again),
                objid,
                "the same objid: `train` and `classify` keep spectra of an object together",
            ),
        ]
        return [sentence for sentence in told if sentence]

    def _tell(self, rows, values, what):
        if not len(rows):
            return None
        label = np.concatenate(self._label)
        first = {value: row for row, value in reversed(list(enumerate(values.tolist())))}
        firsts = np.array([first[value] for value in values[rows].tolist()])
        other = rows[label[rows] != label[firsts]]
        row = (other if len(other) else rows)[0]
        earlier = first[values[row].item()]
        places = f"Look at {self.places[row]} beside {self.places[earlier]}"
        told = f"{len(rows):,} spectra repeat an earlier one, with {what}."
        if not len(other):
            return f"{told} Their classes agree. {places}."
        classes = f"{name_class(label[row])} and {name_class(label[earlier])}"
        return f"{told} {len(other):,} of them have another class. {places}: {classes}."


def _find_repeated(values):
    """Return the rows whose value is in an earlier row, too."""
    first = np.unique(values, return_index=True)[1]
    return np.setdiff1d(np.arange(len(values)), first)
