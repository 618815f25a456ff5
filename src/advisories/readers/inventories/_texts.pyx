# cython: language_level=3
"""Members of decoded JSON and YAML that have to be texts."""

from cpython.dict cimport PyDict_GetItemWithError
from cpython.exc cimport PyErr_Clear, PyErr_ExceptionMatches
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_Check

from advisories.readers.collector import Unreadable

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size)


cdef bint is_printable(object text) except -1:
    """As ``str.isprintable``, at a glance for ASCII."""
    cdef Py_ssize_t size, place
    cdef const unsigned char* at = <const unsigned char*>PyUnicode_AsUTF8AndSize(text, &size)
    if at == NULL:
        if not PyErr_ExceptionMatches(UnicodeEncodeError):
            return -1
        PyErr_Clear()  # half of a surrogate pair
        return False
    for place in range(size):
        if not c" " <= at[place] <= c"~":
            return text.isprintable()
    return True


def texts_of(dict entry not None, tuple names not None):
    """Members that are texts that can be printed, in the order of their names; None for each that is missing, null or
    empty. Raises :class:`advisories.models.reading.Unreadable` where one is something else.
    """
    cdef Py_ssize_t place, count = len(names)
    cdef list texts = [None] * count
    cdef PyObject* value
    for place in range(count):
        value = PyDict_GetItemWithError(entry, names[place])
        if value == NULL or <object>value is None:
            continue
        if not PyUnicode_Check(<object>value) or not is_printable(<object>value):
            raise Unreadable(f"{names[place]} is no text that can be printed")
        if <object>value != "":
            texts[place] = <object>value
    return texts
