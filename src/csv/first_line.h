#ifndef PB_CSV_FIRST_LINE_H
#define PB_CSV_FIRST_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Reads the encoding and the separator of a file from its first line. */

/* Whether one of each two bytes is NUL, always on the same side: UTF-16 of mostly ASCII text. One such pair
 * may be anything. `ended`: a line feed follows, which is two bytes there. */
bool pb_csv_is_utf16(const char *text, size_t length, bool ended);

/* The separator in the line `sep=;` that Excel writes and reads, with or without quotes; 0: another line.
 * A letter or digit there is part of a name. */
char pb_csv_announced(const char *line, size_t length);

#endif
