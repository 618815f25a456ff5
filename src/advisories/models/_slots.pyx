# cython: language_level=3
"""The slots of an object, filled at once: what ``__init__`` of a frozen class does.

Python calls a slot's setter by way of a method and a tuple for each value. Here it is a C function.
"""

cimport cython
from cpython.object cimport PyObject

cdef extern from "Python.h":
    ctypedef int (*setter_t "descrsetfunc")(PyObject*, PyObject*, PyObject*) except -1
    void* PyType_GetSlot(type kind, int slot)
    PyObject* PyTuple_GetItem(tuple items, Py_ssize_t place)
    int SETTER "Py_tp_descr_set"

from types import MemberDescriptorType


@cython.final
@cython.auto_pickle(False)
cdef class Slots:
    """Some slots of a class, by their names. They are filled in this order."""

    cdef tuple _members
    cdef Py_ssize_t _count
    cdef setter_t _set

    def __init__(self, type owner not None, names not None):
        members = tuple([vars(owner)[name] for name in names])
        for member in members:
            if type(member) is not MemberDescriptorType:
                raise TypeError(f"{member!r} is no slot")
        self._members = members
        self._count = len(members)
        self._set = <setter_t>PyType_GetSlot(MemberDescriptorType, SETTER)

    def fill(self, one, tuple values not None):
        """Give the slots of an object their values, whatever its class does about setting attributes."""
        cdef Py_ssize_t place
        if len(values) != self._count:
            raise TypeError(f"{self._count} slots, and {len(values)} values")
        for place in range(self._count):
            self._set(PyTuple_GetItem(self._members, place), <PyObject*>one, PyTuple_GetItem(values, place))
