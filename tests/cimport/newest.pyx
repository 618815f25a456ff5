# cython: language_level=3
"""What a scanner written in Cython would do: the newest of many versions, without Python and without the GIL."""

from libc.stdlib cimport free, malloc

from vercmp._dpkg cimport dpkg_compare
from vercmp._rpmvercmp cimport rpm_compare, rpm_segment_compare, rpm_write_key


def newest(list versions):
    cdef Py_ssize_t i, best = 0
    cdef Py_ssize_t count = len(versions)
    cdef list encoded = [version.encode() for version in versions]
    cdef const unsigned char** texts = <const unsigned char**> malloc(count * sizeof(void*))
    cdef Py_ssize_t* sizes = <Py_ssize_t*> malloc(count * sizeof(Py_ssize_t))
    cdef const char* reason = NULL
    cdef int result = 0
    for i in range(count):
        texts[i] = <const unsigned char*> <const char*> encoded[i]
        sizes[i] = len(encoded[i])
    with nogil:
        for i in range(1, count):
            result = rpm_compare(texts[i], sizes[i], texts[best], sizes[best], &reason)
            if result > 1:
                break
            if result == 1:
                best = i
    free(texts)
    free(sizes)
    if result > 1:
        raise ValueError(reason.decode())
    return versions[best]


def dpkg_order(bytes a, bytes b):
    cdef const char* reason = NULL
    return dpkg_compare(a, len(a), b, len(b), &reason)


def segment_order(bytes a, bytes b):
    return rpm_segment_compare(a, len(a), b, len(b))


def rpm_key(bytes version):
    cdef unsigned char out[64]
    cdef const char* reason = NULL
    cdef Py_ssize_t length = rpm_write_key(version, len(version), out, &reason)
    return (<const char*> out)[:length] if length >= 0 else reason.decode()
