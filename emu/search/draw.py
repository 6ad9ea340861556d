"""Draws: whole numbers from a seed that are equal on every machine and every Python.

Only `getrandbits` and `random` of `random.Random` are used, which Python promises not to
change, and only products of floats, which IEEE 754 rounds alike everywhere; a logarithm
may differ in its last digit between C libraries.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random
from typing import Final

_BITS: Final = 32
_MASK: Final = (1 << _BITS) - 1


def below(rng: Random, count: int) -> int:
    """A whole number from 0 to `count` - 1, each as likely as the others (to 1 in 2**32)."""
    return rng.getrandbits(_BITS) * count >> _BITS


def weighted(rng: Random, weights: list[int]) -> int:
    """An index of `weights`, each as likely as its weight says; their sum is above 0."""
    draw = below(rng, sum(weights))
    for index, weight in enumerate(weights):
        draw -= weight
        if draw < 0:
            return index
    return len(weights) - 1


def geometric(rng: Random, rate: float) -> int:
    """How many trials it takes until one of probability `rate` succeeds, at least 1.

    `rate` is above 0 and at most 1.
    """
    fails = 0
    chance = 1.0
    draw = rng.random()
    for power, length in _powers(rate):
        if chance * power > draw:
            chance *= power
            fails += length
    return fails + 1


@lru_cache(maxsize=256)
def _powers(rate: float) -> tuple[tuple[float, int], ...]:
    """The chance that 1, 2, 4, 8, … trials all fail; longest first, down to one in 2**64."""
    powers = []
    power, length = 1.0 - rate, 1
    while power > 2.0**-64:
        powers.append((power, length))
        power *= power
        length *= 2
        if length > 1 << 40:
            break
    return tuple(reversed(powers))


def distinct(rng: Random, count: int, highest: int) -> list[int]:
    """`count` different numbers from 1 to `highest`, or all of them, in rising order."""
    if count >= highest:
        return list(range(1, highest + 1))
    drawn: list[int] = []
    while len(drawn) < count:
        number = 1 + below(rng, highest)
        if number not in drawn:
            drawn.append(number)
    return sorted(drawn)


def seed_of_run(seed: int, run: int) -> int:
    """The seed of one run of an exploration: 32 bits, no two runs of one exploration alike.

    The finalizer of MurmurHash3 (Appleby, 2011), a bijection, over a Weyl sequence.
    """
    start = _mixed(seed & _MASK) ^ _mixed((seed >> _BITS & _MASK) + 1)
    return _mixed(start + run * 0x9E3779B9 & _MASK)


def _mixed(word: int) -> int:
    word = (word ^ word >> 16) * 0x85EBCA6B & _MASK
    word = (word ^ word >> 13) * 0xC2B2AE35 & _MASK
    return word ^ word >> 16
