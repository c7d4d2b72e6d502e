"""Plots of many spectra: which are chosen, and what stands over them."""

import numpy as np
from plot_calls import SURVEY, draw

from spectra_helpers import plotting
from spectra_helpers.data import CLASSES
from spectra_helpers.plotting import galleries


def test_examples_are_random_rows_of_their_class():
    rows = galleries.choose_examples(SURVEY, 3, 1)
    for index, name in enumerate(CLASSES):
        assert set(SURVEY.label[rows[name]]) == {index}
    again, other = (galleries.choose_examples(SURVEY, 3, seed)["star"].tolist() for seed in (1, 2))
    assert rows["star"].tolist() == again != other
    fig = plotting.plot_examples(SURVEY, 3, 1)
    np.testing.assert_array_equal(fig.axes[2].lines[0].get_ydata(), SURVEY.flux[rows["star"][0]])
    assert f"star rows {rows['star'][0]}, " in fig.alt_text


def test_examples_of_a_small_or_missing_class():
    few = SURVEY[np.r_[np.flatnonzero(SURVEY.label == 0)[:1], np.flatnonzero(SURVEY.label == 2)]]
    fig = plotting.plot_examples(few, 3)
    draw(fig)
    assert [ax.get_visible() for ax in fig.axes[:3]] == [True, False, True]


def test_class_counts():
    counts = {"galaxy": 3427, "quasar": 1011, "star": 5562}
    fig = plotting.plot_class_counts(counts)
    assert [bar.get_width() for bar in fig.axes[0].patches] == list(counts.values())
    assert "3,427 of class galaxy (34.3%)" in fig.alt_text


def test_gallery_says_true_and_called_class():
    fig = plotting.plot_gallery(SURVEY[:2], np.array([1, 1]), np.array([0.91, 0.5]))
    assert fig.axes[0].get_title(loc="left") == "1  galaxy → quasar 0.91"


def test_atlas_rises_in_snr():
    stars = SURVEY[SURVEY.label == 2]
    assert "none of class quasar" in plotting.plot_atlas(stars, 3).alt_text
    fig = plotting.plot_atlas(SURVEY, 3)
    assert "3 of class galaxy from SNR 1" in fig.alt_text
    titles = [ax.get_title(loc="left") for ax in fig.axes[::3]]
    snr = [int(title.split()[-1]) for title in titles]
    assert snr == sorted(snr)


def test_atlas_prefers_kinds_it_does_not_show_yet():
    survey = SURVEY[np.flatnonzero(SURVEY.label == 2)]
    survey.truth["subtype"] = "G2V"
    survey.truth["subtype"][np.argmax(survey.truth["snr"])] = "A0V"  # far from the middle
    rows = galleries.choose_atlas_rows(survey, 2)
    assert [str(kind)[0] for kind in survey.truth["subtype"][rows["star"]]] == ["G", "A"]
    assert rows["galaxy"].size == rows["quasar"].size == 0
