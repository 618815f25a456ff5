/* What every oracle offers: one comparison, and many without a call from Python for each.
 *
 * compare() is -1, 0 or 1; REFUSED_A or REFUSED_B where the real library refuses a version.
 * Many strings are passed one after the other, each ended by NUL. */
#include <string.h>

enum { REFUSED_A = 2, REFUSED_B = 3 };

typedef int compare_function(const char *a, const char *b);

static void each_pair(compare_function *compare, const char *a, const char *b, long count, signed char *out)
{
    for (long i = 0; i < count; i++) {
        out[i] = (signed char) compare(a, b);
        a += strlen(a) + 1;
        b += strlen(b) + 1;
    }
}

/* One version against each of the others. */
static void each_against(compare_function *compare, const char *a, const char *b, long count, signed char *out)
{
    for (long i = 0; i < count; i++) {
        out[i] = (signed char) compare(a, b);
        b += strlen(b) + 1;
    }
}

#define ORACLE(name)                                                                                       \
    int name##_one(const char *a, const char *b) { return name(a, b); }                                    \
    void name##_pairs(const char *a, const char *b, long n, signed char *out) { each_pair(name, a, b, n, out); } \
    void name##_against(const char *a, const char *b, long n, signed char *out) { each_against(name, a, b, n, out); }
