#ifndef PB_SYSTEM_APPEND_FILE_H
#define PB_SYSTEM_APPEND_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file that one writer at a time appends to. Appended text is with the operating system when the call
 * returns, so a process that is killed afterwards loses nothing. Functions return 0 or an errno. */

typedef struct {
  int descriptor; /* -1 when closed */
  bool regular;   /* else a device, which has no size and cannot be truncated */
  int64_t size;   /* bytes in it */
  int broken;     /* the errno that all further appends fail with, or 0 */
} pb_append_file;

/* Opens `path` and locks it until it is closed, against other processes and against a second opening in this
 * one. A missing file is created for this user only if `create` is set; otherwise returns ENOENT with the file
 * closed, or another error if it could not be created in its folder. Returns EWOULDBLOCK when somebody else
 * has the lock; EISDIR or ENOTSUP when it is neither a regular file nor a character device; ESTALE when other
 * processes replace it again and again. The contents stay as they are. */
int pb_append_file_open(pb_append_file *file, const char *path, bool create);

/* Reads up to `size` bytes from `offset` on. `*length` is their number, which is less than `size` only at
 * the end of the file. */
int pb_append_file_read(const pb_append_file *file, int64_t offset, void *bytes, size_t size,
                        size_t *length);

/* Truncates the file to `size`, which is not above its own. */
int pb_append_file_truncate(pb_append_file *file, int64_t size);

/* Appends all bytes, with one write(2) unless the system accepts only a part. Returns ENOENT when the file
 * has been deleted, ESTALE when somebody else has changed its size. When it fails half-way (no space
 * left), the written part is truncated again. After any failure all later appends fail with the same
 * errno, so that a line is never appended to half a line. */
int pb_append_file_append(pb_append_file *file, const char *bytes, size_t length);

/* Waits until the file is on the disk, which protects it against loss of power. */
int pb_append_file_sync(const pb_append_file *file);

/* Releases the lock and closes the file. May be called again. */
void pb_append_file_close(pb_append_file *file);

#endif
