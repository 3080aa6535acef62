#ifndef PB_SYSTEM_APPEND_FILE_H
#define PB_SYSTEM_APPEND_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that is only ever added to, and by one writer at a time: what is appended is with the
 * operating system when the call returns, so a process that is killed afterwards loses none of it.
 * Functions return 0, or the errno of what failed. */

typedef struct {
  int descriptor; /* -1 when closed */
  bool regular;   /* else a device, which has no size and nothing to cut off */
  int64_t size;   /* bytes in it */
  int broken;     /* the errno after which nothing more is appended, or 0 */
} pb_append_file;

/* Opens `path`, and locks it until it is closed: against other processes and against a second opening in
 * this one. One that does not exist is created for this user alone if `create` is set, else it is ENOENT with
 * the file closed; a folder in which it cannot be created is another error then. EWOULDBLOCK when someone
 * else has the lock.
 * EISDIR and ENOTSUP when it is neither a regular file nor a character device; nothing is changed in
 * the file. */
int pb_append_file_open(pb_append_file *file, const char *path, bool create);

/* Reads up to `size` bytes from `offset` on; `*length` is how many there were, less than asked for
 * only at the end of the file. */
int pb_append_file_read(const pb_append_file *file, int64_t offset, void *bytes, size_t size,
                        size_t *length);

/* Cuts off what lies behind `size`, which is not above the file's. */
int pb_append_file_truncate(pb_append_file *file, int64_t size);

/* Appends all of it, with one write(2) unless the system takes only a part. ENOENT when the file has been
 * deleted, ESTALE when somebody else has changed its size. When it fails half-way
 * (no space left) what was written is cut off again; after any failure every later append fails with
 * the same errno, so that no line is ever added to half a line. */
int pb_append_file_append(pb_append_file *file, const char *bytes, size_t length);

/* Waits until all of it is on the disk: against loss of power, not of the process. */
int pb_append_file_sync(const pb_append_file *file);

/* Gives up lock and file. A closed file may be closed again. */
void pb_append_file_close(pb_append_file *file);

#endif
