"""Draw one kind of many by its share."""

from bisect import bisect
from itertools import accumulate


def draw_kind(rng, shares):
    """Draw a key of `shares`, {kind: share}; one draw of `rng`. Shares need not add up to 1."""
    limits = list(accumulate(shares.values()))
    return list(shares)[bisect(limits, rng.random() * limits[-1])]
