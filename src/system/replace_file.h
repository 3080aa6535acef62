#ifndef PB_REPLACE_FILE_H
#define PB_REPLACE_FILE_H

/* Puts the file `part` in the place of `path`, at once: whoever opens `path` finds the old file or the new
 * one. The new file has the mode of the old one, and its owner where this user may give files away. A
 * symbolic link at `path` stays one. Returns 0, or the errno of what failed, and then `path` is as it was. */
int pb_replace_file(const char *part, const char *path);

#endif
