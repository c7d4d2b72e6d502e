"""What the concept inventory says about each answer, by a hash of item and letter.

The hashes keep a reader of the notebook from seeing which letters are right; they are no secret
from somebody who tries all letters. The inventory gives no marks.
"""

SALT = "spectra concepts 1"

RIGHT = {
    "0f4ad67e9e321640",
    "1ac473ac08263d92",
    "712a7ef6a81df8bd",
    "81ee92caa1690b53",
    "96f00360e61b6b4e",
    "a997504deba9e153",
    "b20f96451360cb4e",
    "b665ac7aa971281f",
    "c2ace39d093cb3fe",
    "fd97c0f873ed2250",
}

FEEDBACK = {
    "04903f86ab964c03": (
        "No spectrum was added: weights change only what a mistake costs (lesson 05, Give "
        "weight to the few)."
    ),
    "079a4cf007dd942c": (
        "Both come from the same survey; the components were made to fit the training spectra "
        "only (lesson 04, Learned, or learned by heart?)."
    ),
    "0f4ad67e9e321640": (
        "Right: it is a small and silent error, more than half of the half-width of the window."
    ),
    "17b472fa92077b3c": (
        "A probability is what the model claims, and nothing forces the sky to agree (lesson "
        "07, Calibration)."
    ),
    "1ac473ac08263d92": (
        "Right: of answers with 0.9, nine in ten should be right, and here it is seven."
    ),
    "29d460fe818596b1": (
        "A random split is fair only for independent spectra; a copy and its original are not "
        "independent (lesson 03, The leakage lab)."
    ),
    "2aa68a68cdc98822": (
        "A redshift multiplies wavelengths; it does not add the same number to all (lesson "
        "01, Move the lines)."
    ),
    "2c85f7d6ede65bb2": (
        "The accuracy often falls a little, because mistakes with the many stars have become "
        "cheap (lesson 05, Give weight to the few)."
    ),
    "3008c54bfce0624c": (
        "The macro F1 is an average over the classes, so the few quasars count as much as the "
        "many stars (lesson 05, Read a confusion matrix)."
    ),
    "55e6758a9abcb824": (
        "Dividing by a number scales signal and noise alike, so the far star keeps its lower "
        "signal-to-noise ratio (lesson 02, What intensity tells)."
    ),
    "590693127d310d2d": (
        "More components describe still more noise of the training spectra, and the gap gets "
        "wider (lesson 04, Learned, or learned by heart?)."
    ),
    "5b0b52db636ea241": (
        "The bootstrap drew test spectra again; it never trained again (lesson 07, The rivals)."
    ),
    "65080c35b2483191": (
        "The noise of 3,000 pixels averages out, and a copy stays nearly the same spectrum "
        "(lesson 03, exercise 2)."
    ),
    "6f588f449c68e83a": (
        "At Hα it is 1.8 Å, and a pixel of our grid is 1.7 Å (lesson 04, Air or vacuum?)."
    ),
    "712a7ef6a81df8bd": (
        "Right: it says how much the choice of the test spectra matters, and nothing about "
        "another training."
    ),
    "71c814282aa55941": (
        "The question is how the wavelengths of list and spectrum were written down, and "
        "these two differ by 1.8 Å (lesson 04, Air or vacuum?)."
    ),
    "75855b04d348a06c": (
        "Accuracy counts right answers; calibration asks whether a probability keeps its "
        "promise (lesson 07, Calibration)."
    ),
    "75fc99cd1fb44b9b": (
        "Distance dims all wavelengths alike, so that the depth of a line relative to its "
        "surroundings stays (lesson 02, What intensity tells)."
    ),
    "7bd16f2b47bb52a3": (
        "It is the accuracy that hardly notices a rare class; macro F1 does the reverse "
        "(lesson 03, Count first)."
    ),
    "7d242bb96009490c": (
        "The computer makes no error here: 100 spectra are a small sample of all spectra "
        "(lesson 07, The rivals)."
    ),
    "80f3a437383b0a9a": (
        "The signal grows faster than the noise, so that adding exposures pays (lesson 03, "
        "Make noisy copies)."
    ),
    "81ee92caa1690b53": (
        "Right: normalization removes the brightness, not the noise; the far star has a lower "
        "signal-to-noise ratio."
    ),
    "96f00360e61b6b4e": (
        "Right: a copy in training gives its original in the test away. Split first, then "
        "copy the training part."
    ),
    "a1813fd36b2ed9d8": (
        "It promises 0.9 and keeps 0.7: it claims too much, not too little (lesson 07, "
        "Calibration)."
    ),
    "a2d4574e37ef56f5": (
        "Weights act while the model learns; the test spectra stay as the sky made them "
        "(lesson 05, Give weight to the few)."
    ),
    "a74c4876949d9928": (
        "A noisy copy at SNR 100 is hardly harder, and a twin in training makes it much "
        "easier (lesson 03, The leakage lab)."
    ),
    "a8b29fa217e5a617": (
        "The F1 of a class that is never called is 0, whatever the model is (lesson 05, Read "
        "a confusion matrix)."
    ),
    "a997504deba9e153": (
        "Right: weights change the price of mistakes, and they bring no new knowledge."
    ),
    "b20f96451360cb4e": (
        "Right: all wavelengths are multiplied by 1 + z, so a longer wavelength moves farther."
    ),
    "b5ff8ed171201062": (
        "Noise grows too, but independent noises partly cancel: four of them add up to twice "
        "one (lesson 03, Make noisy copies)."
    ),
    "b665ac7aa971281f": (
        "Right: the macro F1 is the mean of three F1, and each class counts the same."
    ),
    "c005643a395b5ece": (
        "The shift grows with the wavelength: it is z times the wavelength at rest (lesson "
        "01, Move the lines)."
    ),
    "c2ace39d093cb3fe": (
        "Right: the signal grows four times, the noise only by the square root of four."
    ),
    "c3bae2116ea58054": (
        "After the division each spectrum has the same energy, 1 (lesson 02, Divide by the energy)."
    ),
    "c5ef2fb6c8eea865": (
        "No program notices: each window holds some flux, and a wrong place gives a number "
        "too (lesson 04, Air or vacuum?)."
    ),
    "cc005ab9ef576d60": (
        "A single spectrum is right or wrong; the interval belongs to the score of the whole "
        "test set (lesson 07, The rivals)."
    ),
    "d57a43843bccc8d6": (
        "A PCA promises its part for the spectra it learned from, and for no others (lesson "
        "04, Learned, or learned by heart?)."
    ),
    "da3dd5c238c77928": (
        "Adding exposures makes the spectrum better, not worse: the signals add up fully "
        "(lesson 03, Make noisy copies)."
    ),
    "fce5413a95c08a67": (
        "The expansion of space stretches light of every colour by the same factor (lesson "
        "01, Move the lines)."
    ),
    "fd97c0f873ed2250": ("Right: what was learned by heart does not help with new spectra."),
}
