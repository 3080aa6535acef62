#ifndef PB_BASE_PERCENT_H
#define PB_BASE_PERCENT_H

#include "base/buffer.h"

/* Appends the byte as `%XX` (RFC 3986, 2.1). */
static inline bool pb_percent_add(pb_buffer *out, unsigned char byte) {
  static const char digits[] = "0123456789ABCDEF";
  const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
  return pb_buffer_add(out, escape, sizeof escape);
}

#endif
