#ifndef PB_BASE_UTF8_H
#define PB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing above U+10FFFF. */

/* The length, 1 to 4, of the well-formed sequence at the start of `bytes`; 0 when there is none within the
 * `left` bytes, of which there is at least one. */
size_t pb_utf8_sequence(const char *bytes, size_t left);

/* Reads the first code point of `text` into `*codepoint`. Returns the length of its sequence, 1 to 4; 0 when
 * there is no well-formed one, or `text` is empty. */
size_t pb_utf8_read(const char *text, size_t length, uint32_t *codepoint);

/* Whether all of `text` is well formed. If not, `*bad` (unless null) is the offset, from 0, of the
 * first byte that belongs to no well-formed sequence. */
bool pb_utf8_check(const char *text, size_t length, size_t *bad);

/* Writes the code point, which is not a surrogate and at most U+10FFFF, to `out`; returns how many
 * bytes that took, 1 to 4. */
size_t pb_utf8_write(uint32_t code, char out[4]);

#endif
