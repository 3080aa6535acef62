#ifndef PB_CODEPOINT_H
#define PB_CODEPOINT_H

#include <stddef.h>
#include <stdint.h>

/* Reads the first code point of `text`, which is UTF-8, into `codepoint`. Returns how many bytes it
 * takes (1 to 4), or 0 when what stands there is not well-formed: cut short, overlong, a surrogate,
 * above U+10FFFF, or nothing at all. */
size_t pb_codepoint_read(const char *text, size_t length, uint32_t *codepoint);

#endif
