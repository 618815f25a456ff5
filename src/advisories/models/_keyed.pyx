# cython: language_level=3
"""Objects that are looked up by the million: their fields are hashed and compared without a call of Python.

A package of a list is looked up among those of which the results are known, and a fleet has the same ones on every host.
Python's own methods for that take longer than all the rest of what is done for a host whose packages are known.
"""

cimport cython

from advisories.models.frozen import names_of


@cython.auto_pickle(False)
cdef class Keyed:
    """A base of frozen classes. Objects of one class are equal where the values that they are compared by are.

    These are its compared fields, in their order, which ``__attrs_post_init__`` hands over by :meth:`_compare_by`. Finding
    them by their names takes longer.
    """

    cdef tuple _values
    cdef Py_hash_t _hash

    def _compare_by(self, tuple values not None, /):
        """Be compared by these values, and nothing else. Raises :class:`TypeError` for what has no hash."""
        self._hash = hash(values)
        self._values = values

    def __hash__(self):
        _values_of(self)
        return self._hash

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return _values_of(self) == _values_of(<Keyed>other)


cdef tuple _values_of(Keyed one):
    # Threads without a lock of all Python may ask for the first time at once.
    with cython.critical_section(one):
        if one._values is None:
            # It was copied or unpickled, field by field.
            one._compare_by(tuple([getattr(one, name) for name in names_of(type(one), compared=True)]))
        return one._values
