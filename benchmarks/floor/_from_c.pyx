# cython: language_level=3
# distutils: language = c++
"""dpkg's order from C, ours and libapt's: the same texts, no Python between two pairs."""

from libc.stdlib cimport free, malloc

from vercmp._dpkg cimport dpkg_compare

cdef extern from "<apt-pkg/debversion.h>" nogil:
    cdef cppclass debVersioningSystem:
        int DoCmpVersion(const char* a, const char* a_end, const char* b, const char* b_end)
    debVersioningSystem debVS

cdef struct Pair:
    const char* a
    Py_ssize_t a_size
    const char* b
    Py_ssize_t b_size


cdef class Pairs:
    cdef list kept
    cdef Pair* pairs
    cdef Py_ssize_t count

    def __cinit__(self, lefts, rights):
        cdef Py_ssize_t i
        cdef bytes a, b
        self.kept = [(left.encode(), right.encode()) for left, right in zip(lefts, rights, strict=True)]
        self.count = len(self.kept)
        self.pairs = <Pair*> malloc(self.count * sizeof(Pair))
        for i in range(self.count):
            a, b = self.kept[i]
            self.pairs[i] = Pair(a, len(a), b, len(b))

    def __dealloc__(self):
        free(self.pairs)

    def ours(self):
        """The sum of the signs, so that no compiler leaves a call out."""
        cdef const char* reason = NULL
        cdef Pair* pair
        cdef Py_ssize_t i, total = 0
        for i in range(self.count):
            pair = self.pairs + i
            total += dpkg_compare(<const unsigned char*> pair.a, pair.a_size,
                                  <const unsigned char*> pair.b, pair.b_size, &reason)
        return total

    def libapt(self):
        cdef Pair* pair
        cdef Py_ssize_t i, total = 0
        cdef int order
        for i in range(self.count):
            pair = self.pairs + i
            order = debVS.DoCmpVersion(pair.a, pair.a + pair.a_size, pair.b, pair.b + pair.b_size)
            total += (order > 0) - (order < 0)
        return total
