# cython: language_level=3
"""How many colons a text has. Python counts one byte after the other, and this as many at once as the machine can."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_Size


def colons(bytes text not None, /):
    """The number of colons in a text, as ``text.count(b":")`` has it."""
    cdef const unsigned char* data = <const unsigned char*>PyBytes_AsString(text)
    cdef Py_ssize_t size = PyBytes_Size(text), place = 0, end, count = 0
    cdef unsigned char few
    while place < size:
        # What fits into a byte: these sums take one instruction for many bytes.
        end = min(place + 255, size)
        few = 0
        while place < end:
            few += data[place] == c':'
            place += 1
        count += few
    return count
