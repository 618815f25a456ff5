# cython: language_level=3
"""For other Cython modules of this package: ``from advisories.readers.inventories._slots cimport Slots``."""

cimport cython
from cpython.object cimport PyObject

cdef extern from *:
    """
    /* The limited API does not say where in an object a slot is; there the slot's own setter is called. */
    static inline int fill(PyObject *slot, Py_ssize_t offset, PyObject *it, PyObject *value) {
    #ifdef Py_LIMITED_API
        return ((descrsetfunc)PyType_GetSlot(Py_TYPE(slot), Py_tp_descr_set))(slot, it, value);
    #else
        PyObject **at = (PyObject **)((char *)it + offset);
        PyObject *old = *at;
        Py_INCREF(value);
        *at = value;
        Py_XDECREF(old);
        return 0;
    #endif
    }

    static inline PyObject *allocated(PyObject *type) {
        return PyType_GenericAlloc((PyTypeObject *)type, 0);
    }
    """
    int fill(PyObject* slot, Py_ssize_t offset, object it, PyObject* value) except -1
    object allocated(object type)

cdef enum:
    MOST_SLOTS = 32

@cython.final
cdef class Slots:
    cdef object _type
    cdef dict _places
    # Those below are kept by these.
    cdef tuple _slots, _values, _names
    cdef PyObject* _slot[MOST_SLOTS]
    cdef PyObject* _value[MOST_SLOTS]
    cdef Py_ssize_t _offset[MOST_SLOTS]
    cdef Py_ssize_t _count, _required

    cdef Py_ssize_t place(self, str name) except -1
    """Which of the slots a field is."""

    cdef inline object new(self):
        """Another object of the class, with the values of the one that stands for all."""
        cdef object it = allocated(self._type)
        cdef Py_ssize_t place
        for place in range(self._count):
            fill(self._slot[place], self._offset[place], it, self._value[place])
        return it

    cdef inline int put(self, object it, Py_ssize_t place, object value) except -1:
        """Set a field of an object that nobody has seen yet."""
        return fill(self._slot[place], self._offset[place], it, <PyObject*>value)
