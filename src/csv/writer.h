#ifndef PB_CSV_WRITER_H
#define PB_CSV_WRITER_H

#include "base/buffer.h"

/* Appends `text` as one field, in quotes where it needs them; false when there is no memory. `alone`: the
 * only field of its line, which must not look like an empty line. */
bool pb_csv_write(pb_buffer *out, const char *text, size_t length, char separator, bool alone);

#endif
