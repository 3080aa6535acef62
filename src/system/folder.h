#ifndef PB_FOLDER_H
#define PB_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* The names in the folder at `path`, each with a NUL behind it, as many as fit into `room` bytes. Returns the number
 * of bytes; 0 where it cannot be read. */
size_t pb_folder_names(const char *path, char *names, size_t room);

/* The path of the working folder, in `path`, which has `room` bytes. Returns whether it is known and fits. */
bool pb_folder_working(char *path, size_t room);

#endif
