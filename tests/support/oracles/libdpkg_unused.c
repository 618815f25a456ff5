/* Named by libdpkg's object files, never reached by its version functions; kept apart from the headers' prototypes. */
#include <stdlib.h>

void pkgbin_name(void) { abort(); }
void varbuf_add_buf(void) { abort(); }
void varbuf_add_char(void) { abort(); }
void varbuf_end_str(void) { abort(); }
void varbuf_reset(void) { abort(); }
void varbuf_printf(void) { abort(); }
void varbuf_vprintf(void) { abort(); }
