"""Folds of cross-validation that never part two spectra of one object (lessons 03 and 07)."""

import numpy as np
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import has_fit_parameter


class ObjectKFold(StratifiedKFold):
    """`StratifiedKFold` over objects: what is known of a spectrum by its twin is no test.

    Parameters
    ----------
    n_splits, shuffle, random_state
        As in `sklearn.model_selection.StratifiedKFold`, whose folds these are where every spectrum
        is of an object of its own. (scikit-learn's ``StratifiedGroupKFold`` takes minutes for
        100,000 objects.)
    """

    def split(self, X, y, groups=None):
        """Yield rows to train on and rows to test on.

        Parameters
        ----------
        X : array, shape (n_spectra, ...)
        y : array of int, shape (n_spectra,)
            Classes; an object has that of its first spectrum.
        groups : array of int, shape (n_spectra,), optional
            The object of each spectrum, as from `spectra_helpers.data.group_objects`.

        Yields
        ------
        train, test : ndarray of int
        """
        groups = np.arange(len(y)) if groups is None else np.asarray(groups)
        first = np.sort(np.unique(groups, return_index=True)[1])
        for _, test in super().split(first, np.asarray(y)[first]):
            tested = np.isin(groups, groups[first[test]])
            yield np.flatnonzero(~tested), np.flatnonzero(tested)


def fit_by_object(model, X, y, objects):
    """Train a model so that all it cuts inside the training spectra, it cuts by object.

    Calibration, and features of templates, are learned on folds of the training spectra; a network
    stops by a part of them. With a twin on the other side all of these would look too good.

    Parameters
    ----------
    model : sklearn.pipeline.Pipeline
        Untrained. Its parameters called ``cv``, at any depth, are folds of objects while it is
        trained: scikit-learn hands no groups down to them.
    X : array, shape (n_spectra, n_pixels)
    y : array of int, shape (n_spectra,)
    objects : array of int, shape (n_spectra,)
        The object of each spectrum, as from `spectra_helpers.data.group_objects`.

    Returns
    -------
    sklearn.pipeline.Pipeline
        The model, trained.
    """
    numbers = {
        name: value for name, value in model.get_params().items() if name.split("__")[-1] == "cv"
    }
    folds = {name: list(ObjectKFold(n).split(X, y, objects)) for name, n in numbers.items()}
    last, step = model.steps[-1]
    groups = {f"{last}__groups": objects} if has_fit_parameter(step, "groups") else {}
    try:
        return model.set_params(**folds).fit(X, y, **groups)
    finally:
        model.set_params(**numbers)  # a stored model holds no rows of its training set
