#ifndef PB_BASE_BUFFER_H
#define PB_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A growing run of bytes. Who owns the bytes is decided by `grow`, so that the same writer can write
 * into memory of its own (pb_buffer_init) or into memory that Lua's collector owns (lua/buffer.h).
 * Never NUL-terminated. */
typedef struct pb_buffer pb_buffer;
struct pb_buffer {
  char *data;
  size_t length;
  size_t capacity;
  /* Makes room for at least `capacity` bytes, keeping the first `length`; false when there is no
   * memory, and then the buffer is as it was. */
  bool (*grow)(pb_buffer *buffer, size_t capacity);
  void *owner; /* for `grow` alone */
};

/* An empty buffer on pb_realloc's memory; free it with pb_buffer_free. Cannot fail. */
void pb_buffer_init(pb_buffer *buffer);
void pb_buffer_free(pb_buffer *buffer);

/* An empty buffer on `capacity` bytes of the caller's, which never grows. The first text that does not
 * fit is left out, and so is all that follows it: no later, shorter one is taken for its end. */
void pb_buffer_init_fixed(pb_buffer *buffer, char *bytes, size_t capacity);

/* Room for `more` bytes behind `length`; false when there is no memory. */
bool pb_buffer_reserve_slow(pb_buffer *buffer, size_t more);
static inline bool pb_buffer_reserve(pb_buffer *buffer, size_t more) {
  return buffer->capacity - buffer->length >= more || pb_buffer_reserve_slow(buffer, more);
}

/* Append; false when there is no memory, and then nothing was appended. */
static inline bool pb_buffer_add(pb_buffer *buffer, const void *bytes, size_t length) {
  if (!pb_buffer_reserve(buffer, length)) return false;
  if (length > 0) memcpy(buffer->data + buffer->length, bytes, length);
  buffer->length += length;
  return true;
}
static inline bool pb_buffer_add_char(pb_buffer *buffer, char byte) {
  if (!pb_buffer_reserve(buffer, 1)) return false;
  buffer->data[buffer->length++] = byte;
  return true;
}
static inline bool pb_buffer_add_text(pb_buffer *buffer, const char *text) {
  return pb_buffer_add(buffer, text, strlen(text));
}

/* printf(3) at the end of the buffer; false when there is no memory. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool pb_buffer_format(pb_buffer *buffer, const char *format, ...);

#endif
