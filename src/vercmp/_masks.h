/* Masks over texts of up to 64 bytes, bit i for byte i: where the digits are, where the dashes, where two texts differ.
 *
 * With SSE2 where the compiler has it, else in plain C. Both give the same masks. Define VERCMP_PLAIN_MASKS for plain C
 * on any machine (VERCMP_BUILD=plain). No byte outside of a text is read, and no result depends on the byte order.
 */
#ifndef VERCMP_MASKS_H
#define VERCMP_MASKS_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EVERY_BYTE 0x0101010101010101ULL
#define TOP_BITS (EVERY_BYTE << 7)

/* At most eight bytes, the first one lowest. */
static inline uint64_t bytes_at(const unsigned char* at, int count)
{
    uint64_t value = 0;
#if defined(_M_X64) || (defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
    memcpy(&value, at, count);
#else
    int i;
    for (i = 0; i < count; i++) {
        value |= (uint64_t) at[i] << 8 * i;
    }
#endif
    return value;
}

/* A byte of "flags" has its top bit set where something holds of the byte that it is about. */
#if !defined(VERCMP_PLAIN_MASKS) && (defined(__SSE2__) || defined(_M_X64))
#include <emmintrin.h>
#define MASKS_ARE_CHEAP 1
typedef __m128i sixteen;

static inline sixteen sixteen_of(uint64_t low, uint64_t high)
{
    return _mm_set_epi64x((long long) high, (long long) low);
}

static inline sixteen sixteen_at(const unsigned char* at)
{
    return _mm_loadu_si128((const __m128i*) at);
}

static inline uint64_t mask_of(sixteen flags)
{
    return (uint64_t) _mm_movemask_epi8(flags);
}

static inline sixteen either(sixteen a, sixteen b)
{
    return _mm_or_si128(a, b);
}

static inline sixteen equal(sixteen a, sixteen b)
{
    return _mm_cmpeq_epi8(a, b);
}

static inline sixteen equal_to(sixteen a, char byte)
{
    return _mm_cmpeq_epi8(a, _mm_set1_epi8(byte));
}

static inline sixteen at_most(sixteen a, char bound)
{
    return _mm_cmpeq_epi8(a, _mm_min_epu8(a, _mm_set1_epi8(bound)));
}

/* Comparisons are of signed bytes: '0' is moved to the least. */
static inline sixteen digits_of(sixteen a)
{
    return _mm_cmplt_epi8(_mm_sub_epi8(a, _mm_set1_epi8((char) ('0' + 128))), _mm_set1_epi8(10 - 128));
}
#else
#define MASKS_ARE_CHEAP 0
typedef struct { uint64_t low, high; } sixteen;

static inline sixteen sixteen_of(uint64_t low, uint64_t high)
{
    sixteen a = {low, high};
    return a;
}

static inline sixteen sixteen_at(const unsigned char* at)
{
    return sixteen_of(bytes_at(at, 8), bytes_at(at + 8, 8));
}

/* The top bits of the eight bytes, side by side: no two terms of the product meet in a bit. */
static inline uint64_t mask_of_eight(uint64_t flags)
{
    return ((flags & TOP_BITS) >> 7) * 0x0102040810204080ULL >> 56;
}

static inline uint64_t mask_of(sixteen flags)
{
    return mask_of_eight(flags.low) | mask_of_eight(flags.high) << 8;
}

static inline sixteen either(sixteen a, sixteen b)
{
    return sixteen_of(a.low | b.low, a.high | b.high);
}

/* Flags of the bytes that are *least* or more, which is 1 to 0x80. No sum reaches the next byte: both sides are below 0x80. */
static inline uint64_t eight_from(uint64_t eight, unsigned least)
{
    return ((eight & ~TOP_BITS) + EVERY_BYTE * (0x80 - least)) | eight;
}

static inline sixteen equal(sixteen a, sixteen b)
{
    return sixteen_of(~eight_from(a.low ^ b.low, 1), ~eight_from(a.high ^ b.high, 1));
}

static inline sixteen equal_to(sixteen a, char byte)
{
    return equal(a, sixteen_of(EVERY_BYTE * (unsigned char) byte, EVERY_BYTE * (unsigned char) byte));
}

static inline sixteen at_most(sixteen a, char bound)
{
    return sixteen_of(~eight_from(a.low, bound + 1), ~eight_from(a.high, bound + 1));
}

static inline sixteen digits_of(sixteen a)
{
    return sixteen_of(eight_from(a.low, '0') & ~eight_from(a.low, '9' + 1),
                      eight_from(a.high, '0') & ~eight_from(a.high, '9' + 1));
}
#endif

/* The lowest bit that is set, or the highest, of a mask that is not 0. */
#if defined(__GNUC__)
#define lowest_of(mask) ((int) __builtin_ctzll(mask))
#define highest_of(mask) (63 - (int) __builtin_clzll(mask))
#else
static inline int lowest_of(uint64_t mask)
{
    int place = 0;
    while (!(mask >> place & 1)) {
        place++;
    }
    return place;
}

static inline int highest_of(uint64_t mask)
{
    int place = 63;
    while (!(mask >> place & 1)) {
        place--;
    }
    return place;
}
#endif

/* A text of fewer than 16 bytes, and zeros. What overlaps is the same on both sides. */
static inline sixteen short_text(const unsigned char* at, ptrdiff_t size)
{
    if (size >= 8) {
        return sixteen_of(bytes_at(at, 8), bytes_at(at + size - 8, 8) >> 8 * (15 - size) >> 8);
    }
    if (size >= 4) {
        return sixteen_of(bytes_at(at, 4) | bytes_at(at + size - 4, 4) << 8 * (size - 4), 0);
    }
    if (size >= 2) {
        return sixteen_of(bytes_at(at, 2) | bytes_at(at + size - 2, 2) << 8 * (size - 2), 0);
    }
    return sixteen_of(size ? at[0] : 0, 0);
}

/* Flags of the bytes that are at most *bound*, or are *odd*, which is 0 where there is no such byte. */
static inline sixteen unusual_of(sixteen a, char bound, char odd)
{
    return odd ? either(at_most(a, bound), equal_to(a, odd)) : at_most(a, bound);
}

struct marks {
    sixteen first; /* sixteen bytes, or all there are and zeros */
    uint64_t digits, dashes;
    uint64_t unusual; /* not 0 where there is such a byte as unusual_of() flags */
};

/* Of a text of at most 64 bytes. Longer ones than 16 bytes are read in sixteens that may overlap. */
static inline struct marks marks_of(const unsigned char* at, ptrdiff_t size, char bound, char odd)
{
    struct marks marks;
    sixteen a, b, c, d;
    if (size < 16) {
        const uint64_t inside = ((uint64_t) 1 << size) - 1;
        marks.first = a = short_text(at, size);
        marks.digits = mask_of(digits_of(a));
        marks.dashes = mask_of(equal_to(a, '-'));
        marks.unusual = mask_of(unusual_of(a, bound, odd)) & inside;
        return marks;
    }
    marks.first = a = sixteen_at(at);
    b = sixteen_at(at + size - 16);
    marks.digits = mask_of(digits_of(a)) | mask_of(digits_of(b)) << (size - 16);
    marks.dashes = mask_of(equal_to(a, '-')) | mask_of(equal_to(b, '-')) << (size - 16);
    a = either(unusual_of(a, bound, odd), unusual_of(b, bound, odd));
    if (size > 32) {
        c = sixteen_at(at + 16);
        d = sixteen_at(at + size - 32);
        marks.digits |= mask_of(digits_of(c)) << 16 | mask_of(digits_of(d)) << (size - 32);
        marks.dashes |= mask_of(equal_to(c, '-')) << 16 | mask_of(equal_to(d, '-')) << (size - 32);
        a = either(a, either(unusual_of(c, bound, odd), unusual_of(d, bound, odd)));
    }
    marks.unusual = mask_of(a);
    return marks;
}

static inline uint64_t others_at(const unsigned char* a, const unsigned char* b)
{
    return ~mask_of(equal(sixteen_at(a), sixteen_at(b))) & 0xFFFF;
}

/* How many bytes two texts without a NUL begin with alike, the shorter one of *size* bytes, at most 64. */
static inline int common_of(const unsigned char* a, const struct marks* x, const unsigned char* b, const struct marks* y,
                            ptrdiff_t size)
{
    uint64_t others = ~mask_of(equal(x->first, y->first)) & 0xFFFF;
    if (others) {
        return lowest_of(others);
    }
    if (size > 32) {
        others = others_at(a + 16, b + 16) << 16 | others_at(a + size - 32, b + size - 32) << (size - 32);
    }
    if (size > 16) {
        others |= others_at(a + size - 16, b + size - 16) << (size - 16);
    }
    return others ? lowest_of(others) : (int) size;
}
#endif
