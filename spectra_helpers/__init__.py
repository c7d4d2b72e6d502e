"""Helpers for seven lessons that classify LAMOST spectra as galaxy, quasar or star.

The modules follow a spectrum from file to verdict:
``simulate`` or ``surveys`` -> ``data`` -> ``preprocess`` -> ``augment`` -> ``features``
-> ``models`` -> ``evaluate`` -> ``plotting`` -> ``widgets``; ``cli`` is the ``spectra`` command.
"""
