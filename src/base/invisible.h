#ifndef PB_BASE_INVISIBLE_H
#define PB_BASE_INVISIBLE_H

#include <stddef.h>
#include <stdint.h>

/* Characters that nobody sees: marks of the direction of writing, zero-width and unusual blanks, byte order
 * marks. They come along when text is copied out of a web page, a chat or a spreadsheet, and make a value
 * wrong that looks right. Control characters of ASCII are not among them; these are shown as escapes. */

/* The offset of the first such character of `text`, and its code point; `length` where there is none. Bytes
 * that are not UTF-8 are passed over. */
size_t pb_invisible_find(const char *text, size_t length, uint32_t *codepoint);

/* Copies `text` without them to `out`, which has room for `length` bytes, and returns the length there. */
size_t pb_invisible_strip(const char *text, size_t length, char *out);

#endif
