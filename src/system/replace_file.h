#ifndef PB_REPLACE_FILE_H
#define PB_REPLACE_FILE_H

#include <stdbool.h>

/* Puts the file `part` in the place of `path`, at once: whoever opens `path` finds the old file or the new
 * one. The new file has the mode of the old one, and its owner where this user may give files away; if
 * `keep_mode`, it keeps its own mode. A symbolic link at `path` stays one. Returns 0; or the errno of the failure,
 * and then `path` is as it was. */
int pb_replace_file(const char *part, const char *path, bool keep_mode);

#endif
