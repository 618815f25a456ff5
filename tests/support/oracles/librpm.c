/* librpm's own orders, called and nothing else. */
#include <rpm/rpmver.h>
#include <stdlib.h>
#include "batch.h"

static int segment(const char *a, const char *b) { return rpmvercmp(a, b); }

static int evr(const char *a, const char *b)
{
    rpmver x = rpmverParse(a), y = rpmverParse(b);
    int result = x == NULL ? REFUSED_A : y == NULL ? REFUSED_B : rpmverCmp(x, y);
    rpmverFree(x);
    rpmverFree(y);
    return result;
}

ORACLE(segment)
ORACLE(evr)

/* Whether two ranges overlap; -1 where librpm refuses a version. */
int overlap(const char *a, int a_flags, const char *b, int b_flags)
{
    rpmver x = rpmverParse(a), y = rpmverParse(b);
    int result = x == NULL || y == NULL ? -1 : rpmverOverlap(x, a_flags, y, b_flags);
    rpmverFree(x);
    rpmverFree(y);
    return result;
}

/* The part 'e', 'v' or 'r', in memory that is good until the next call; NULL where there is none. */
const char *part(const char *version, char which)
{
    static char *kept;
    rpmver x = rpmverParse(version);
    const char *found = which == 'e' ? rpmverE(x) : which == 'v' ? rpmverV(x) : rpmverR(x);
    free(kept);
    kept = found == NULL ? NULL : strdup(found);
    rpmverFree(x);
    return kept;
}
