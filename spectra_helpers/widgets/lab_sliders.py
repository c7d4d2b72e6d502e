"""Sliders of the labs: how many spectra to look at, how often an alarm may ring (lesson 07)."""

import ipywidgets as w

from spectra_helpers import plotting as p
from spectra_helpers.widgets.controls import LOOK, explore, int_slider


def slide_search(searches):
    """Slide the number of spectra that one looks at; see how many wrong labels are found.

    Parameters
    ----------
    searches : dict of str to ndarray of bool, shape (n_spectra,)
        As in `plot_search`.
    """
    most = min(len(wrong) for wrong in searches.values())
    return explore(
        lambda looked: p.plot_search(searches, looked),
        looked=int_slider(1, most, most // 20 or 1, "spectra looked at"),
    )


def slide_alarm(alarms, kinds):
    """Slide how many known spectra may go to the eye; see how many of the never seen go with them.

    Parameters
    ----------
    alarms, kinds
        As in `plot_alarms`.
    """
    share = w.FloatSlider(0.05, min=0, max=0.5, step=0.005, readout_format=".3f",
                          description="part of the known", continuous_update=False,
                          **LOOK)  # fmt: skip
    return explore(
        lambda kind, share: p.plot_alarms(alarms, [kind], share),
        kind=w.Dropdown(options=list(kinds), description="never seen", **LOOK),
        share=share,
    )
