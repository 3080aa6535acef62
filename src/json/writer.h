#ifndef PB_JSON_WRITER_H
#define PB_JSON_WRITER_H

#include "base/buffer.h"

/* Writes JSON's strings. Numbers are written by base/number.h; the rest of JSON is punctuation, which callers
 * append themselves. */

typedef enum { PB_JSON_WRITTEN, PB_JSON_NO_MEMORY, PB_JSON_BAD_UTF8 } pb_json_written;

/* Appends `text` in quotes. Escapes only quotes, backslashes and control characters. Appends nothing
 * unless it returns PB_JSON_WRITTEN. */
pb_json_written pb_json_write_string(pb_buffer *buffer, const char *text, size_t length);

#endif
