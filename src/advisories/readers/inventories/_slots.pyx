# cython: language_level=3, binding=True
"""Objects of frozen classes with slots, made quickly.

What attrs generates for a frozen class sets each field by its name, with ``object.__setattr__``; of a line that is a
package, that is most of the time its reading takes. Here the slots are filled in C, where Python has put them.
"""

from sys import intern
from types import MemberDescriptorType

from attrs import NOTHING, fields

cimport cython
from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject

cdef extern from *:
    """
    typedef PyObject *(*call_of_class)(PyObject *, PyObject **, size_t, PyObject *);

    /* The limited API says neither where in an object a slot is nor lets a class say what a call of it is. */
    #ifdef Py_LIMITED_API
    static Py_ssize_t offset_of(PyObject *slot) {
        return 0;
    }
    static void answer(PyObject *type, call_of_class call) {
    }
    #else
    #include <structmember.h>
    static Py_ssize_t offset_of(PyObject *slot) {
        return ((PyMemberDescrObject *)slot)->d_member->offset;
    }
    static void answer(PyObject *type, call_of_class call) {
        ((PyTypeObject *)type)->tp_vectorcall = (vectorcallfunc)call;
    }
    #endif
    """
    ctypedef object (*call_of_class)(PyObject*, PyObject**, size_t, PyObject*)
    Py_ssize_t offset_of(PyObject* slot)
    void answer(object type, call_of_class call)

cdef extern from "Python.h":
    PyObject* PyTuple_GetItem(PyObject* items, Py_ssize_t place) except NULL
    Py_ssize_t PyTuple_Size(PyObject* items) except -1


cdef bint is_filled(slot, it) except -1:
    """Whether a slot of an object has a value; ``hasattr`` would have a property make one."""
    if not isinstance(slot, MemberDescriptorType):
        return False
    try:
        slot.__get__(it)
    except AttributeError:
        return False
    return True


@cython.auto_pickle(False)
cdef class Slots:
    """The slots of a class of attrs', by one of its objects that stands for all: what it holds, others hold at first.

    It has to be new: the hash that attrs keeps in an object would be that of all of them. Raises TypeError for a class
    with a field that is no slot.
    """

    def __cinit__(self, prototype):
        cls = type(prototype)
        names = [intern(field.name) for field in fields(cls)]
        # attrs has slots of its own beside the fields, such as that of a hash that is kept; those of properties that are
        # kept are empty at first.
        slots = getattr(cls, "__slots__", ())
        own = [name for name in slots if name not in names and is_filled(cls.__dict__[name], prototype)]
        self._type = cls
        self._places = {name: place for place, name in enumerate([*names, *own])}
        self._slots = tuple([cls.__dict__.get(name) for name in self._places])
        self._values = tuple([getattr(prototype, name) for name in self._places])
        self._names = tuple(names)
        self._required = sum([field.default is NOTHING for field in fields(cls)])
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


# Of each class whose calls are answered here.
cdef dict ANSWERED = {}


cdef object made(PyObject* cls, PyObject** given, size_t flags, PyObject* names):
    """What a call of a class makes, as of PEP 590: behind arguments by place stand those that have names."""
    # The highest bit says something else (PY_VECTORCALL_ARGUMENTS_OFFSET).
    cdef Py_ssize_t place, named, count, by_place = flags & ~(<size_t>1 << (8 * sizeof(size_t) - 1))
    cdef PyObject* known = PyDict_GetItem(ANSWERED, <object>cls)
    cdef PyObject* values[MOST_SLOTS]
    cdef PyObject* name
    if known == NULL:
        return called(cls, given, by_place, names)
    cdef Slots slots = <Slots>known
    count = len(slots._names)
    if by_place > count:
        return called(cls, given, by_place, names)
    for place in range(slots._count):
        if place < by_place:
            values[place] = given[place]
        else:
            values[place] = NULL if place < slots._required else slots._value[place]
    if names != NULL:
        for named in range(PyTuple_Size(names)):
            name = PyTuple_GetItem(names, named)
            for place in range(by_place, count):
                # Names in calls are interned; any other one is left to the usual way.
                if name == <PyObject*>slots._names[place]:
                    values[place] = given[by_place + named]
                    break
            else:
                return called(cls, given, by_place, names)
    for place in range(by_place, slots._required):
        if values[place] == NULL:
            return called(cls, given, by_place, names)
    it = allocated(slots._type)
    for place in range(slots._count):
        fill(slots._slot[place], slots._offset[place], it, values[place])
    return it


cdef object called(PyObject* cls, PyObject** given, Py_ssize_t by_place, PyObject* names):
    """The same by the usual way, which knows what to raise."""
    cdef Py_ssize_t place
    args = [<object>given[place] for place in range(by_place)]
    named = {}
    if names != NULL:
        for place, name in enumerate(<tuple>names):
            named[name] = <object>given[by_place + place]
    return type.__call__(<object>cls, *args, **named)


def answer_calls(prototype):
    """From now on, calls of the class of *prototype*, which was made with all defaults, fill the slots of its objects
    at once; those of classes below it do not. An ``__init__`` or ``__new__`` that is put in later has no say.

    In a build for the limited API nothing changes. Raises TypeError for a class that is no such class of slots, or does
    more than to fill them.
    """
    cls = type(prototype)
    slots = Slots(prototype)
    for field in fields(cls):
        if field.converter or field.validator or not field.init or field.kw_only or field.alias != field.name:
            raise TypeError(f"more is done for {cls.__name__}.{field.name} than to fill its slot")
        if field.default is not NOTHING and getattr(prototype, field.name) is not field.default:
            raise TypeError(f"{cls.__name__}.{field.name} is not its default")
    # The last is there where a class has an __init__ of its own.
    hooks = [name for name in ("__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__") if hasattr(cls, name)]
    if hooks or type(cls) is not type or cls.__new__ is not object.__new__:
        raise TypeError(f"more is done for {cls.__name__} than to fill its slots")
    ANSWERED[cls] = slots
    answer(cls, made)
