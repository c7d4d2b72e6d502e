"""A set of spectra: flux and labels kept apart, one grid, one label order (lesson 01)."""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from astropy.table import Table, vstack

WAVELENGTH = np.linspace(3900.0, 9000.0, 3000)  # vacuum Å, the grid of the training files
CLASSES = ("galaxy", "quasar", "star")  # a label is an index into this
UNKNOWN = -1  # the label of a spectrum that nobody has classified


@dataclass(frozen=True, eq=False, repr=False)
class SpectraSet:
    """Spectra on one wavelength grid, with labels and identifiers.

    Parameters
    ----------
    flux : ndarray, shape (n_spectra, 3000), float32
        Flux, in the units of the survey.
    label : ndarray, shape (n_spectra,), int64
        0 galaxy, 1 quasar, 2 star, -1 not known.
    objid : ndarray, shape (n_spectra,), int64
        Identifier of each object; 0 or less where it is not known.
    wavelength : ndarray, shape (3000,)
        Vacuum Å.
    truth : astropy.table.Table, optional
        What a simulation or a survey knows of each spectrum (z, subtype, SNR ...), a row each.
    source : str
        Where the spectra come from; a simulated survey says so here.
    ivar : ndarray, shape (n_spectra, 3000), float32, optional
        Inverse variance of the flux, in units of 1 / flux²; 0 where nothing was measured. A row
        that is zero throughout is not known. There only if it was asked for when a file was read.

    Raises
    ------
    ValueError
        If the shapes disagree or a label is none of the four above.

    Examples
    --------
    A slice, an array of row numbers or a mask gives a smaller set:
    ``spectra[:10]``, ``spectra[[3, 5]]``, ``spectra[spectra.label == 1]``.
    """

    flux: np.ndarray
    label: np.ndarray
    objid: np.ndarray
    wavelength: np.ndarray = field(default_factory=lambda: WAVELENGTH)
    truth: Table | None = None
    source: str = ""
    ivar: np.ndarray | None = None

    def __post_init__(self):
        label = np.asarray(self.label)
        if label.dtype.kind == "f" and not np.array_equal(label, np.round(label)):
            raise ValueError("Labels are whole numbers: use 0 galaxy, 1 quasar, 2 star or -1.")
        # a frozen dataclass: `object.__setattr__` is the documented way to normalize its fields
        for name, dtype in (("flux", np.float32), ("label", np.int64), ("objid", np.int64)):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype))
        if self.ivar is not None:
            object.__setattr__(self, "ivar", np.asarray(self.ivar, np.float32))
        self._check_shapes()
        strange = np.setdiff1d(self.label, [UNKNOWN, *range(len(CLASSES))])
        if strange.size:
            raise ValueError(
                f"Labels {strange[:5].tolist()} mean nothing: use 0 galaxy, 1 quasar, 2 star "
                "or -1 not known."
            )

    def _check_shapes(self):
        pixels = len(self.wavelength)
        if self.flux.ndim != 2 or self.flux.shape[1] != pixels:
            raise ValueError(
                f"flux has shape {self.flux.shape}: give one spectrum a row, (n_spectra, {pixels})."
            )
        n = len(self.flux)
        for name in ("label", "objid"):
            shape = getattr(self, name).shape
            if shape != (n,):
                raise ValueError(f"{name} has shape {shape} for {n} spectra: give one a spectrum.")
        if self.truth is not None and len(self.truth) != n:
            raise ValueError(f"truth has {len(self.truth)} rows for {n} spectra: give one each.")
        if self.ivar is not None and self.ivar.shape != self.flux.shape:
            raise ValueError(
                f"ivar has shape {self.ivar.shape} for flux of shape {self.flux.shape}: give one "
                "value a pixel."
            )

    def __len__(self):
        return len(self.label)

    def __getitem__(self, rows):
        rows = np.atleast_1d(rows) if np.isscalar(rows) else rows
        truth = None if self.truth is None else self.truth[rows]
        ivar = None if self.ivar is None else self.ivar[rows]
        arrays = self.flux[rows], self.label[rows], self.objid[rows]
        return SpectraSet(*arrays, self.wavelength, truth, self.source, ivar)

    def counts(self):
        """Return how many spectra each class has: ``{"galaxy": n, "quasar": n, "star": n}``."""
        return {name: int(np.sum(self.label == i)) for i, name in enumerate(CLASSES)}

    def class_name(self, i):
        """Return the class of spectrum `i` as a word: galaxy, quasar, star or unknown."""
        return name_class(self.label[i])

    def __repr__(self):
        numbers = ", ".join(f"{n:,} {name}" for name, n in self.counts().items())
        unknown = int(np.sum(self.label == UNKNOWN))
        numbers += f", {unknown:,} unknown" if unknown else ""
        where = f" from {self.source}" if self.source else ""
        return f"{len(self):,} spectra ({numbers}) of {len(self.wavelength):,} pixels{where}"


def join_sets(sets):
    """Join sets of spectra into one, in their order; `truth` and `ivar` stay where all have them.

    Parameters
    ----------
    sets : list of SpectraSet
        At least one.

    Returns
    -------
    SpectraSet
    """
    if len(sets) == 1:
        return sets[0]
    parts = {x: np.concatenate([getattr(s, x) for s in sets]) for x in ("flux", "label", "objid")}
    source = " and ".join(dict.fromkeys(spectra.source for spectra in sets))
    ivar = [spectra.ivar for spectra in sets]
    ivar = None if any(part is None for part in ivar) else np.concatenate(ivar)
    return SpectraSet(**parts, truth=join_truth([s.truth for s in sets]), source=source, ivar=ivar)


def join_truth(tables):
    """Join truth tables, keeping the columns they share; None unless all are there."""
    if not tables or any(table is None for table in tables):
        return None
    joined = vstack(tables, join_type="inner", metadata_conflicts="silent")
    joined.meta.clear()
    return joined


def name_class(label):
    """Return the name of a label: ``CLASSES[label]``, or ``"unknown"`` for -1."""
    return "unknown" if label == UNKNOWN else CLASSES[label]


def require_labels(spectra, each=2):
    """Check that spectra can teach a classifier.

    Parameters
    ----------
    spectra : SpectraSet
    each : int
        How many spectra each of the three classes needs at least.

    Raises
    ------
    ValueError
        If a spectrum has no label, or a class has fewer than `each` spectra.
    """
    unknown = np.flatnonzero(spectra.label == UNKNOWN)
    if unknown.size:
        raise ValueError(
            f"{unknown.size} spectra have no label (first: row {unknown[0]}): "
            "leave them out, or label them."
        )
    few = {name: n for name, n in spectra.counts().items() if n < each}
    if few:
        numbers = ", ".join(f"{n} {name}" for name, n in few.items())
        raise ValueError(f"Too few spectra: {numbers}. Give at least {each} of each class.")


def digest_flux(flux):
    """Return eight bytes for each spectrum that are equal where all its pixels are, shape (n,)."""
    return np.array([hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in flux])


def group_objects(spectra):
    """Return the number of the object that each spectrum shows: one may be there several times.

    Parameters
    ----------
    spectra : SpectraSet

    Returns
    -------
    ndarray of int, shape (n_spectra,)
        The same number for spectra of the same known `objid` (a second exposure, a noisy copy) or
        of equal flux (a file that is there twice), 0 for the first object, and so on.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(spectra)
    name = np.where(spectra.objid > 0, spectra.objid, -1 - np.arange(n))  # each unknown its own
    light = digest_flux(spectra.flux)
    name, light = (np.unique(values, return_inverse=True)[1] for values in (name, light))
    # names and fluxes are the nodes of a graph, a spectrum joins its own two
    joins = coo_array((np.ones(n), (name, n + light)), shape=(2 * n, 2 * n))
    part = connected_components(joins, directed=False)[1][name]
    _, first, number = np.unique(part, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[number]


def split_train_test(spectra, test_size=0.2, seed=30, by_object=True):
    """Split spectra at random, with the same class mix in both parts (lesson 03).

    Parameters
    ----------
    spectra : SpectraSet
    test_size : float or int
        Part of the objects that is held out for the test, between 0 and 1, or their number.
    seed : int
        The same seed gives the same split.
    by_object : bool
        Keep all spectra of an object in the same part (`group_objects`). Without, as in the recipe,
        a copy may stand in the test part and its original in the training part (lesson 03).

    Returns
    -------
    train, test : SpectraSet

    Raises
    ------
    ValueError
        If a class has fewer than two objects, or a part would hold fewer objects than classes.
    """
    require_labels(spectra)
    objects = group_objects(spectra) if by_object else None
    train, test = split_rows(spectra.label, test_size, seed, objects)
    return spectra[train], spectra[test]


def split_rows(label, test_size=0.2, seed=30, objects=None):
    """Return the rows of both parts of `split_train_test`.

    Parameters
    ----------
    label : array of int, shape (n_spectra,)
    test_size, seed
        As in `split_train_test`.
    objects : array of int, shape (n_spectra,), optional
        The object that each spectrum is of, as from `group_objects`; each its own unless given.
        The class mix is that of the first spectra of the objects.

    Returns
    -------
    train, test : ndarray of int, shapes (n_train,) and (n_test,)

    Raises
    ------
    ValueError
        If a class has a single object, or a part would hold fewer objects than classes.
    """
    from sklearn.model_selection import train_test_split  # a second to import: only when used

    label = np.asarray(label)
    objects = np.arange(len(label)) if objects is None else np.asarray(objects)
    first = np.sort(np.unique(objects, return_index=True)[1])
    n = len(first)
    n_test = int(np.ceil(test_size * n)) if 0 < test_size < 1 else int(test_size)
    if not len(CLASSES) <= n_test <= n - len(CLASSES):
        raise ValueError(
            f"test_size={test_size} of {n} objects leaves a part with fewer than "
            f"{len(CLASSES)} of them: choose another test_size, or give more spectra."
        )
    parts = train_test_split(first, test_size=n_test, random_state=seed, stratify=label[first])
    return [_add_other_spectra(part, objects) for part in parts]


def _add_other_spectra(rows, objects):
    """Return `rows`, then the rows of further spectra of their objects."""
    others = np.setdiff1d(np.flatnonzero(np.isin(objects, objects[rows])), rows)
    return np.append(rows, others)


def sample_rows(label, n, seed=1):
    """Choose `n` rows at random with the class mix of `label`, in rising order.

    Parameters
    ----------
    label : ndarray, shape (n_spectra,)
    n : int
        Number of rows wanted; all rows when there are no more than that.
    seed : int

    Returns
    -------
    ndarray of int, shape (min(n, n_spectra),)
    """
    if n >= len(label):
        return np.arange(len(label))
    order = np.random.default_rng(seed).permutation(len(label))
    by_class = order[np.argsort(label[order], kind="stable")]
    evenly = (np.arange(n) + 0.5) * len(label) / n  # equal steps through the sorted classes
    return np.sort(by_class[evenly.astype(int)])
