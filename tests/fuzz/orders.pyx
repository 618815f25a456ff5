# cython: language_level=3
"""The C functions of the orders on bytes that change at random, without Python, millions a second: ``make sanitize``.

What is compared and where keys are written lies at the very end of memory of its own, and its very beginning in every
other run, so that AddressSanitizer sees one byte too many. Laws held are those of an order: turned around it is the
other way around, and the keys compare as the versions do, within the room that is promised for them.
"""

from libc.stdint cimport uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp, memcpy, memmove

from vercmp._apk cimport apk_compare, apk_write_key
from vercmp._dpkg cimport dpkg_compare, dpkg_write_key
from vercmp._rpmvercmp cimport rpm_compare, rpm_segment_compare, rpm_write_key

ctypedef int (*compare_t)(const unsigned char*, Py_ssize_t, const unsigned char*, Py_ssize_t, const char**) noexcept nogil
ctypedef Py_ssize_t (*write_key_t)(const unsigned char*, Py_ssize_t, unsigned char*, const char**) noexcept nogil

cdef enum:
    LONGEST = 640
    POOL = 4096

cdef const char* SIGNS = b"0123456789.-+~^:_azAZ\x00 \t\xc3\xa9\xff"
cdef enum:
    SIGNS_SIZE = 27

cdef struct Text:
    Py_ssize_t size
    unsigned char bytes[LONGEST]


cdef inline uint64_t next_number(uint64_t* state) noexcept nogil:
    """xorshift64*, by Marsaglia and Vigna."""
    state[0] ^= state[0] >> 12
    state[0] ^= state[0] << 25
    state[0] ^= state[0] >> 27
    return (state[0] * 0x2545F4914F6CDD1DULL) >> 16


cdef void change(Text* text, const Text* other, uint64_t* state) noexcept nogil:
    """One to four changes: a sign put in, taken out or replaced, a stretch repeated, the end of another text."""
    cdef uint64_t kind, count = 1 + next_number(state) % 4
    cdef Py_ssize_t place, length
    for _ in range(count):
        kind = next_number(state) % 8
        place = next_number(state) % (text.size + 1)
        if kind < 3 and text.size < LONGEST:
            memmove(text.bytes + place + 1, text.bytes + place, text.size - place)
            text.bytes[place] = SIGNS[next_number(state) % SIGNS_SIZE]
            text.size += 1
        elif kind == 3 and place < text.size:
            memmove(text.bytes + place, text.bytes + place + 1, text.size - place - 1)
            text.size -= 1
        elif kind == 4 and place < text.size:
            text.bytes[place] = SIGNS[next_number(state) % SIGNS_SIZE]
        elif kind == 5 and place < text.size:
            length = min(1 + <Py_ssize_t> (next_number(state) % 40), text.size - place, LONGEST - text.size)
            memmove(text.bytes + place + length, text.bytes + place, text.size - place)
            text.size += length
        elif kind == 6 and other.size:
            length = min(1 + <Py_ssize_t> (next_number(state) % other.size), LONGEST - place)
            memcpy(text.bytes + place, other.bytes + other.size - min(length, other.size), min(length, other.size))
            text.size = place + min(length, other.size)
        elif kind == 7:
            text.size = place


cdef int one(compare_t compare, write_key_t write, Py_ssize_t factor, const Text* a, const Text* b,
             bint at_the_end, unsigned char** memory) noexcept nogil:
    """0 where the laws hold. Else which does not."""
    cdef const char* reason = NULL
    cdef unsigned char* left = memory[0] + (LONGEST - a.size if at_the_end else 0)
    cdef unsigned char* right = memory[1] + (LONGEST - b.size if at_the_end else 0)
    cdef Py_ssize_t room = factor * LONGEST + 16
    cdef unsigned char* left_key = memory[2] + (room - factor * a.size - 16 if at_the_end else 0)
    cdef unsigned char* right_key = memory[3] + (room - factor * b.size - 16 if at_the_end else 0)
    cdef Py_ssize_t left_size, right_size
    cdef int result, turned, sign
    memcpy(left, a.bytes, a.size)
    memcpy(right, b.bytes, b.size)
    result = compare(left, a.size, right, b.size, &reason)
    if result >= 2 and reason == NULL:
        return 1
    turned = compare(right, b.size, left, a.size, &reason)
    if (result < 2) != (turned < 2) or (result < 2 and turned != -result):
        return 2
    left_size = write(left, a.size, left_key, &reason)
    right_size = write(right, b.size, right_key, &reason)
    if (left_size >= 0 and right_size >= 0) != (result < 2):
        return 3
    if left_size > factor * a.size + 16 or right_size > factor * b.size + 16:
        return 4
    if result < 2:
        sign = memcmp(left_key, right_key, min(left_size, right_size))
        if sign == 0:
            sign = (left_size > right_size) - (left_size < right_size)
        if (sign > 0) - (sign < 0) != result:
            return 5
    return 0


cdef int segments(const Text* a, const Text* b, bint at_the_end, unsigned char** memory) noexcept nogil:
    cdef unsigned char* left = memory[0] + (LONGEST - a.size if at_the_end else 0)
    cdef unsigned char* right = memory[1] + (LONGEST - b.size if at_the_end else 0)
    memcpy(left, a.bytes, a.size)
    memcpy(right, b.bytes, b.size)
    return 6 * (rpm_segment_compare(left, a.size, right, b.size) != -rpm_segment_compare(right, b.size, left, a.size))


def run(str scheme, list seeds, uint64_t runs, uint64_t start):
    """The first pair that breaks a law, and which law. None where so many runs found none."""
    cdef Text* pool = <Text*> malloc(POOL * sizeof(Text))
    cdef unsigned char* memory[4]
    cdef compare_t compare = NULL
    cdef write_key_t write = NULL
    cdef Py_ssize_t factor = 2 if scheme == "dpkg" else 1
    cdef bint is_rpm = scheme == "rpm"
    cdef Py_ssize_t place
    cdef uint64_t state = start * 2 + 1, number
    cdef Text a, b
    cdef int broken = 0
    cdef bytes seed
    if is_rpm:
        compare, write = rpm_compare, rpm_write_key
    elif scheme == "dpkg":
        compare, write = dpkg_compare, dpkg_write_key
    else:
        compare, write = apk_compare, apk_write_key
    for place in range(4):
        memory[place] = <unsigned char*> malloc(LONGEST if place < 2 else factor * LONGEST + 16)
    for place in range(POOL):
        seed = seeds[place % len(seeds)][:LONGEST]
        pool[place].size = len(seed)
        memcpy(pool[place].bytes, <const char*> seed, len(seed))
    with nogil:
        for number in range(runs):
            a = pool[next_number(&state) % POOL]
            b = a if next_number(&state) % 4 else pool[next_number(&state) % POOL]
            change(&a, &b, &state)
            change(&b, &a, &state)
            broken = one(compare, write, factor, &a, &b, number & 1, memory)
            if not broken and is_rpm:
                broken = segments(&a, &b, number & 1, memory)
            if broken:
                break
            # The pool drifts away from the seeds, and long texts die out.
            if number % 8 == 0 and a.size < 200:
                pool[next_number(&state) % POOL] = a
    for place in range(4):
        free(memory[place])
    free(pool)
    return (broken, a.bytes[:a.size], b.bytes[:b.size]) if broken else None
