# cython: language_level=3, binding=True
"""Objects of frozen classes with slots, made quickly.

What attrs generates for a frozen class sets each field by its name, with ``object.__setattr__``; of a line that is a
package, that is most of the time its reading takes. Here the slots are filled in C, where Python has put them.
"""

from types import MemberDescriptorType

from attrs import fields

cimport cython
from cpython.object cimport PyObject

cdef extern from *:
    """
    /* The limited API does not say where in an object a slot is; there the slot's own setter is called. */
    #ifdef Py_LIMITED_API
    static Py_ssize_t offset_of(PyObject *slot) {
        return 0;
    }
    static int fill(PyObject *slot, Py_ssize_t offset, PyObject *it, PyObject *value) {
        return ((descrsetfunc)PyType_GetSlot(Py_TYPE(slot), Py_tp_descr_set))(slot, it, value);
    }
    #else
    #include <structmember.h>
    static Py_ssize_t offset_of(PyObject *slot) {
        return ((PyMemberDescrObject *)slot)->d_member->offset;
    }
    static inline int fill(PyObject *slot, Py_ssize_t offset, PyObject *it, PyObject *value) {
        PyObject **at = (PyObject **)((char *)it + offset);
        PyObject *old = *at;
        Py_INCREF(value);
        *at = value;
        Py_XDECREF(old);
        return 0;
    }
    #endif

    static PyObject *allocated(PyObject *type) {
        return PyType_GenericAlloc((PyTypeObject *)type, 0);
    }
    """
    Py_ssize_t offset_of(PyObject* slot)
    int fill(PyObject* slot, Py_ssize_t offset, object it, PyObject* value) except -1
    object allocated(object type)


@cython.auto_pickle(False)
cdef class Slots:
    """The slots of a class of attrs', by one of its objects that stands for all: what it holds, others hold at first.

    It has to be new: the hash that attrs keeps in an object would be that of all of them. Raises TypeError for a class
    with a field that is no slot.
    """

    def __cinit__(self, prototype):
        cls = type(prototype)
        names = [field.name for field in fields(cls)]
        # attrs has slots of its own beside the fields, such as that of a hash that is kept.
        slots = getattr(cls, "__slots__", ())
        own = [name for name in slots if name not in names and name != "__weakref__" and hasattr(prototype, name)]
        self._type = cls
        self._places = {name: place for place, name in enumerate([*names, *own])}
        self._slots = tuple([cls.__dict__.get(name) for name in self._places])
        self._values = tuple([getattr(prototype, name) for name in self._places])
        self._count = len(self._slots)
        if self._count > MOST_SLOTS or any(not isinstance(slot, MemberDescriptorType) for slot in self._slots):
            raise TypeError(f"not every field of {cls.__name__} is a slot, or there are more than {MOST_SLOTS}")
        cdef Py_ssize_t place
        for place in range(self._count):
            self._slot[place] = <PyObject*>self._slots[place]
            self._offset[place] = offset_of(self._slot[place])
            self._value[place] = <PyObject*>self._values[place]

    cdef Py_ssize_t place(self, str name) except -1:
        return self._places[name]

    cdef object new(self):
        cdef object it = allocated(self._type)
        cdef Py_ssize_t place
        for place in range(self._count):
            fill(self._slot[place], self._offset[place], it, self._value[place])
        return it

    cdef int put(self, object it, Py_ssize_t place, object value) except -1:
        return fill(self._slot[place], self._offset[place], it, <PyObject*>value)


def package_init(prototype):
    """An ``__init__`` for the class of packages, of which *prototype* is one, that takes what that of attrs takes."""
    theirs = type(prototype).__init__
    cdef Slots slots = Slots(prototype)
    no_module, installed = prototype.module, prototype.state

    def __init__(
        self, type, name, version, arch=None, epoch_known=True, source_name=None, source_version=None,
        source_epoch_known=True, module=no_module, vendor=None, maintainer=None, state=installed, location=None,
        locations=(), installed_at=None,
    ):
        cdef Py_ssize_t place
        if not isinstance(self, slots._type):
            raise TypeError(f"not a {slots._type.__name__}: {self!r}")
        slots.put(self, 0, type)
        slots.put(self, 1, name)
        slots.put(self, 2, version)
        slots.put(self, 3, arch)
        slots.put(self, 4, epoch_known)
        slots.put(self, 5, source_name)
        slots.put(self, 6, source_version)
        slots.put(self, 7, source_epoch_known)
        slots.put(self, 8, module)
        slots.put(self, 9, vendor)
        slots.put(self, 10, maintainer)
        slots.put(self, 11, state)
        slots.put(self, 12, location)
        slots.put(self, 13, locations)
        slots.put(self, 14, installed_at)
        for place in range(15, slots._count):
            fill(slots._slot[place], slots._offset[place], self, slots._value[place])

    __init__.__annotations__ = theirs.__annotations__
    __init__.__qualname__ = theirs.__qualname__
    __init__.__module__ = theirs.__module__
    return __init__
