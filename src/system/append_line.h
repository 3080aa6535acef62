#ifndef PB_SYSTEM_APPEND_LINE_H
#define PB_SYSTEM_APPEND_LINE_H

#include <stddef.h>

/* Appends lines to a file that several processes append to at once, each by one write(2). Creates the file, for this
 * user alone, where there is none. Where the last line of the file is incomplete, a newline goes in front, so that
 * the new line stands for itself. A length of 0 tells whether the file can be opened for it. Returns 0, or an errno;
 * EIO where only a part could be written. */
int pb_append_line(const char *path, const char *bytes, size_t length);

#endif
