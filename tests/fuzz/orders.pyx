# cython: language_level=3
"""The C functions of the orders on bytes that change at random, without Python, millions a second: ``make sanitize``.

What is compared and where keys are written lies at the very end of memory of its own, and its very beginning in every
other run, so that AddressSanitizer sees one byte too many. The laws are those of ``order_laws.pxd``.
"""

from libc.stdint cimport uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove

from order_laws cimport Order, agrees, broken_law, order_of, room_of

cdef enum:
    LONGEST = 640
    POOL = 4096

cdef const char* SIGNS = b"0123456789.-+~^:_azAZ\x00 \t\xc3\xa9\xff!"
cdef enum:
    SIGNS_SIZE = 28

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


cdef int one(const Order* order, const Text* a, const Text* b, bint at_the_end, unsigned char** memory) noexcept nogil:
    """0 where the laws hold. Else which does not."""
    cdef unsigned char* left = memory[0] + (LONGEST - a.size if at_the_end else 0)
    cdef unsigned char* right = memory[1] + (LONGEST - b.size if at_the_end else 0)
    cdef Py_ssize_t room = room_of(order, LONGEST)
    cdef unsigned char* left_key = memory[2] + (room - room_of(order, a.size) if at_the_end else 0)
    cdef unsigned char* right_key = memory[3] + (room - room_of(order, b.size) if at_the_end else 0)
    memcpy(left, a.bytes, a.size)
    memcpy(right, b.bytes, b.size)
    return broken_law(order, left, a.size, right, b.size, left_key, right_key)


def every_pair(str scheme, list texts):
    """The first pair of these texts that is not decided as by the rules alone. None where there is none."""
    cdef Order order = order_of(scheme.encode())
    cdef Py_ssize_t count = len(texts), i = 0, j = 0
    cdef Text* copied = <Text*> malloc(count * sizeof(Text))
    cdef unsigned char* memory[2]
    cdef unsigned char* left
    cdef unsigned char* right
    cdef bint fine = True
    cdef bytes text
    for i in range(2):
        memory[i] = <unsigned char*> malloc(LONGEST)
    for i in range(count):
        text = texts[i]
        copied[i].size = len(text)
        memcpy(copied[i].bytes, <const char*> text, len(text))
    with nogil:
        for i in range(count):
            left = memory[0] + LONGEST - copied[i].size
            memcpy(left, copied[i].bytes, copied[i].size)
            for j in range(count):
                right = memory[1] + LONGEST - copied[j].size
                memcpy(right, copied[j].bytes, copied[j].size)
                fine = agrees(&order, left, copied[i].size, right, copied[j].size)
                if not fine:
                    break
            if not fine:
                break
    found = None if fine else (copied[i].bytes[:copied[i].size], copied[j].bytes[:copied[j].size])
    free(memory[0])
    free(memory[1])
    free(copied)
    return found


def run(str scheme, list seeds, uint64_t runs, uint64_t start):
    """The first pair that breaks a law, and which law. None where so many runs found none."""
    cdef Text* pool = <Text*> malloc(POOL * sizeof(Text))
    cdef unsigned char* memory[4]
    cdef Order order = order_of(scheme.encode())
    cdef Py_ssize_t place
    cdef uint64_t state = start * 2 + 1, number
    cdef Text a, b
    cdef int broken = 0
    cdef bytes seed
    for place in range(4):
        memory[place] = <unsigned char*> malloc(LONGEST if place < 2 else room_of(&order, LONGEST))
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
            broken = one(&order, &a, &b, number & 1, memory)
            if broken:
                break
            # The pool drifts away from the seeds, and long texts die out.
            if number % 8 == 0 and a.size < 200:
                pool[next_number(&state) % POOL] = a
    for place in range(4):
        free(memory[place])
    free(pool)
    return (broken, a.bytes[:a.size], b.bytes[:b.size]) if broken else None
