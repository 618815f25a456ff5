/* libapt's own order, called and nothing else. It validates nothing. */
#include <apt-pkg/debversion.h>
#include <cstring>

extern "C" {
#include "batch.h"

static int deb(const char *a, const char *b)
{
    int result = debVS.DoCmpVersion(a, a + strlen(a), b, b + strlen(b));
    return (result > 0) - (result < 0);
}

ORACLE(deb)
}
