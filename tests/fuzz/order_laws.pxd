# cython: language_level=3
"""The laws of an order, held of its C functions: ``orders.pyx`` and ``guided.pyx`` find the pairs.

Turned around, an order is the other way around. Keys compare as the versions do, within the room that is promised for
them, and none is the beginning of another. What is decided at the first difference is what the tokens decide, refusals
and their reasons too.
"""

from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, strcmp

from vercmp._apk cimport apk_compare, apk_write_key
from vercmp._dpkg cimport dpkg_compare, dpkg_compare_by_tokens, dpkg_write_key
from vercmp._gem cimport gem_compare, gem_write_key
from vercmp._pep440 cimport pep440_write_key
from vercmp._rpmvercmp cimport rpm_compare, rpm_compare_by_tokens, rpm_segment_compare, rpm_write_key
from vercmp._semver cimport semver_compare, semver_write_key

ctypedef const unsigned char* text_t

cdef struct Order:
    int (*compare)(text_t, Py_ssize_t, text_t, Py_ssize_t, const char**) noexcept nogil
    # The rules alone, where something else decides most pairs.
    int (*by_tokens)(text_t, Py_ssize_t, text_t, Py_ssize_t, const char**) noexcept nogil
    Py_ssize_t (*write_key)(text_t, Py_ssize_t, unsigned char*, const char**) noexcept nogil
    # librpm's order of one segment, where there is such a thing.
    int (*compare_segments)(text_t, Py_ssize_t, text_t, Py_ssize_t) noexcept nogil
    # The bytes of key that are promised for a byte of version, beside ROOM.
    Py_ssize_t factor

cdef enum:
    ROOM = 16


cdef inline int pep440_compare(text_t a, Py_ssize_t a_size, text_t b, Py_ssize_t b_size,
                               const char** reason) noexcept nogil:
    """PEP 440 is compared by its keys. What has none in C is refused."""
    cdef unsigned char* left = <unsigned char*> malloc(2 * a_size + ROOM)
    cdef unsigned char* right = <unsigned char*> malloc(2 * b_size + ROOM)
    cdef Py_ssize_t left_size = pep440_write_key(a, a_size, left, reason)
    cdef Py_ssize_t right_size = pep440_write_key(b, b_size, right, reason)
    cdef int sign = 2 if left_size < 0 else 3
    if left_size >= 0 and right_size >= 0:
        sign = memcmp(left, right, min(left_size, right_size))
        sign = (sign > 0) - (sign < 0)
    else:
        reason[0] = b"no normal form"
    free(left)
    free(right)
    return sign


cdef inline Order order_of(const char* scheme) noexcept nogil:
    """The functions of a scheme. They are null where there is none of that name."""
    if strcmp(scheme, b"rpm") == 0:
        return Order(rpm_compare, rpm_compare_by_tokens, rpm_write_key, rpm_segment_compare, 1)
    if strcmp(scheme, b"dpkg") == 0:
        return Order(dpkg_compare, dpkg_compare_by_tokens, dpkg_write_key, NULL, 2)
    if strcmp(scheme, b"apk") == 0:
        return Order(apk_compare, NULL, apk_write_key, NULL, 1)
    if strcmp(scheme, b"pep440") == 0:
        return Order(pep440_compare, NULL, pep440_write_key, NULL, 2)
    if strcmp(scheme, b"semver") == 0:
        return Order(semver_compare, NULL, semver_write_key, NULL, 1)
    if strcmp(scheme, b"gem") == 0:
        return Order(gem_compare, NULL, gem_write_key, NULL, 3)
    return Order(NULL, NULL, NULL, NULL, 0)


cdef inline Py_ssize_t room_of(const Order* order, Py_ssize_t size) noexcept nogil:
    return order.factor * size + ROOM


cdef inline bint agrees(const Order* order, text_t a, Py_ssize_t a_size, text_t b, Py_ssize_t b_size) noexcept nogil:
    """Whether a pair is decided, or refused, as by the rules alone."""
    cdef const char* reason = b"not set"
    cdef const char* reason_by_tokens = b"not set either"
    cdef int result = order.compare(a, a_size, b, b_size, &reason)
    return result == order.by_tokens(a, a_size, b, b_size, &reason_by_tokens) and reason == reason_by_tokens


cdef inline int broken_law(const Order* order, text_t a, Py_ssize_t a_size, text_t b, Py_ssize_t b_size,
                           unsigned char* a_key, unsigned char* b_key) noexcept nogil:
    """0 where the laws hold. Else which does not. Keys have exactly their room."""
    cdef const char* reason = NULL
    cdef Py_ssize_t a_key_size, b_key_size
    cdef int result, turned, sign
    result = order.compare(a, a_size, b, b_size, &reason)
    if result >= 2 and reason == NULL:
        return 1
    turned = order.compare(b, b_size, a, a_size, &reason)
    if (result < 2) != (turned < 2) or (result < 2 and turned != -result):
        return 2
    a_key_size = order.write_key(a, a_size, a_key, &reason)
    b_key_size = order.write_key(b, b_size, b_key, &reason)
    if (a_key_size >= 0 and b_key_size >= 0) != (result < 2):
        return 3
    if a_key_size > room_of(order, a_size) or b_key_size > room_of(order, b_size):
        return 4
    if result < 2:
        sign = memcmp(a_key, b_key, min(a_key_size, b_key_size))
        if sign == 0 and a_key_size != b_key_size:
            return 7
        if (sign > 0) - (sign < 0) != result:
            return 5
    if order.compare_segments != NULL:
        if order.compare_segments(a, a_size, b, b_size) != -order.compare_segments(b, b_size, a, a_size):
            return 6
    if order.by_tokens != NULL and not agrees(order, a, a_size, b, b_size):
        return 8
    return 0
