"""Helpers for seven lessons that classify LAMOST spectra as galaxy, quasar or star.

The rooms follow a spectrum from file to verdict: ``simulate`` or ``files`` -> ``data`` ->
``preprocess`` -> ``augment`` -> ``features`` -> ``models`` -> ``evaluate`` -> ``plotting`` ->
``widgets``; ``lessons`` stands beside them. Import from a room, not from the files in it.
"""
