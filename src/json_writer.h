#ifndef PB_JSON_WRITER_H
#define PB_JSON_WRITER_H

#include <stdint.h>

#include "buffer.h"

/* Writes JSON's strings and numbers. The same value always gives the same bytes, whatever the locale
 * is. The rest of JSON is punctuation, which callers append themselves. */

typedef enum { PB_JSON_WRITTEN, PB_JSON_NO_MEMORY, PB_JSON_BAD_UTF8 } pb_json_written;

/* Appends `text` in quotes. Escapes only what must be: quote, backslash and control characters.
 * Unless it returns PB_JSON_WRITTEN, nothing was appended. */
pb_json_written pb_json_write_string(pb_buffer *buffer, const char *text, size_t length);

/* Appends digits; false when there is no memory. */
bool pb_json_write_integer(pb_buffer *buffer, int64_t value);

/* Appends the shortest decimal that reads back to `value`, which is finite, always with a fraction
 * or an exponent (1.0, 1e+300), so that a reader that knows integers gets a double again. False when
 * there is no memory. */
bool pb_json_write_double(pb_buffer *buffer, double value);

#endif
