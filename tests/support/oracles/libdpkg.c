/* libdpkg's own parser and order. Debian ships it as a static library for programs, not for shared objects; the few
 * functions it reports errors and allocates with are therefore given here, the rules are its own. */
#define LIBDPKG_VOLATILE_API 1
#include <stdlib.h>
#include <string.h>
#include <dpkg/dpkg.h>
#include <dpkg/error.h>
#include <dpkg/version.h>
#include <dpkg/dpkg-db.h>
#include "batch.h"

int dpkg_put_error(struct dpkg_error *error, const char *format, ...)
{
    error->type = DPKG_MSG_ERROR;
    error->str = (char *) format;
    return -1;
}

int dpkg_put_warn(struct dpkg_error *error, const char *format, ...)
{
    error->type = DPKG_MSG_WARN;
    error->str = (char *) format;
    return -1;
}

void dpkg_error_destroy(struct dpkg_error *error) { error->str = NULL; }
char *nfstrnsave(const char *text, size_t size) { return strndup(text, size); }
void ohshit(const char *format, ...) { abort(); }
void do_internerr(const char *file, int line, const char *function, const char *format, ...) { abort(); }
void warning(const char *format, ...) { abort(); }

/* parseversion(); what it found to say, and its message. The caller frees the version's text. */
static enum dpkg_msg_type parsed(const char *text, struct dpkg_version *version, const char **message)
{
    struct dpkg_error error = DPKG_ERROR_INIT;
    *version = DPKG_VERSION_OBJECT(0, NULL, NULL);
    parseversion(version, text, &error);
    *message = error.str;
    return error.type;
}

static int deb(const char *a, const char *b)
{
    struct dpkg_version x, y;
    const char *message;
    int result;
    int a_refused = parsed(a, &x, &message) == DPKG_MSG_ERROR;
    int b_refused = parsed(b, &y, &message) == DPKG_MSG_ERROR;
    result = a_refused ? REFUSED_A : b_refused ? REFUSED_B : dpkg_version_compare(&x, &y);
    free((void *) x.version);
    free((void *) y.version);
    return a_refused || b_refused ? result : (result > 0) - (result < 0);
}

ORACLE(deb)

/* NULL where libdpkg says nothing; else 'E' or 'W' and its message, good until the next call. */
const char *verdict(const char *text)
{
    static char said[256];
    struct dpkg_version version;
    const char *message;
    enum dpkg_msg_type type = parsed(text, &version, &message);
    free((void *) version.version);
    if (message == NULL)
        return NULL;
    said[0] = type == DPKG_MSG_ERROR ? 'E' : 'W';
    strncpy(said + 1, message, sizeof said - 2);
    return said;
}
