#ifndef PB_URI_NORMAL_H
#define PB_URI_NORMAL_H

#include "base/buffer.h"

/* Appends the address as RFC 3986, section 6.2, normalizes it: two that come out equal are the same.
 * False, with anything appended, for what is no absolute address, or has no room in `out`. */
bool pb_normalize_uri(const char *text, size_t length, pb_buffer *out);

#endif
