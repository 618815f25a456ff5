# cython: language_level=3
"""The floor: what calls cost that Cython compiled as it compiles ours, and that do nothing."""


def empty(a, b, /):
    return 0


def empty_one(a, /):
    return a
