# cython: language_level=3
"""The values of drafts as JSON gives them, checked: a text of a store may hold anything.

Everything raises :class:`ValueError` for another value than belongs there. What a number may be is checked by
:mod:`advisories.matching._standing`, which they are handed to.
"""


def texts(values, /):
    """Some texts as a tuple."""
    cdef tuple found = _tuple(values)
    cdef object one
    for one in found:
        if type(one) is not str:
            raise ValueError("a draft has another value where a text belongs")
    return found


def maybe_text(value, /):
    """A text, or None."""
    if value is not None and type(value) is not str:
        raise ValueError("a draft has another value where a text belongs")
    return value


def pairs(values, /):
    """Pairs of texts as a tuple of tuples."""
    cdef list found = []
    cdef tuple one
    for value in _tuple(values):
        one = texts(value)
        if len(one) != 2:
            raise ValueError("a draft has another number of values where a pair belongs")
        found.append(one)
    return tuple(found)


def ranked(values, /):
    """For each priority the names of its vulnerabilities, and as many places."""
    cdef list found = []
    cdef tuple names, places
    for value in _tuple(values):
        pair = _tuple(value)
        if len(pair) != 2:
            raise ValueError("a priority is no pair")
        names, places = texts(pair[0]), _tuple(pair[1])
        if len(names) != len(places):
            raise ValueError("a vulnerability has no draft")
        found.append((names, places))
    return tuple(found)


def columns(rows, dict states not None, /):
    """The columns of the rows of drafts, in their order.

    :param states: the words of fix states.
    """
    cdef list vulnerabilities = [], fixes = [], advisories = [], deciding = [], its_states = [], reboots = []
    cdef list places = [], cleared = [], later = []
    cdef tuple row
    for value in _tuple(rows):
        row = _tuple(value)
        if len(row) != 9:
            raise ValueError("a draft has other fields")
        if (
            type(row[0]) is not str
            or type(row[1]) is not list
            or type(row[3]) is not str
            or type(row[4]) is not str
            or row[4] not in states
            or type(row[5]) is not bool
            or type(row[6]) is not int
            or row[6] < 0
        ):
            raise ValueError("a draft is not what it should be")
        vulnerabilities.append(row[0])
        fixes.append(row[1])
        advisories.append(texts(row[2]))
        deciding.append(row[3])
        its_states.append(states[row[4]])
        reboots.append(row[5])
        places.append(row[6])
        cleared.append(maybe_text(row[7]))
        later.append(row[8])
    return vulnerabilities, fixes, advisories, deciding, its_states, reboots, places, cleared, later


cdef tuple _tuple(values):
    if type(values) is not list:
        raise ValueError("a draft has another value where a list belongs")
    return tuple(values)
