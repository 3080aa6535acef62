#ifndef PB_BASE_BUFFER_H
#define PB_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* A growing run of bytes, never NUL-terminated. `grow` decides who owns the bytes, so that one writer can
 * write to memory of its own (pb_buffer_init), of its caller (pb_buffer_init_fixed), or of Lua's collector
 * (lua/buffer.h).
 *
 * There is one rule for failing. An append that has no room appends nothing, returns false and sets
 * `failed`, and every later append does the same: a text is never taken for whole that has a hole in it.
 * So a function that appends several pieces may ignore the single results, and the owner of the buffer
 * tests `failed` once, at the end. A buffer of Lua's raises Lua's memory error instead of failing, and
 * needs no test. A fixed buffer for a message is meant to cut the message off, and needs none either. */
typedef struct pb_buffer pb_buffer;
struct pb_buffer {
  char *data;
  size_t length;
  size_t capacity;
  bool failed; /* an append had no room */
  /* Makes room for at least `capacity` bytes, keeping the first `length`. Returns false when there is no
   * memory, and then the buffer is as it was. */
  bool (*grow)(pb_buffer *buffer, size_t capacity);
  void *owner; /* for `grow` only */
};

/* An empty buffer on pb_realloc's memory; free it with pb_buffer_free. Cannot fail. */
void pb_buffer_init(pb_buffer *buffer);
void pb_buffer_free(pb_buffer *buffer);

/* An empty buffer on `capacity` bytes of the caller's, which never grows. The first text that does not fit
 * is left out, and so is everything after it. */
void pb_buffer_init_fixed(pb_buffer *buffer, char *bytes, size_t capacity);

/* Makes room for `more` bytes behind `length`. */
bool pb_buffer_reserve_slow(pb_buffer *buffer, size_t more);
static inline bool pb_buffer_reserve(pb_buffer *buffer, size_t more) {
  return (buffer->capacity - buffer->length >= more && !buffer->failed) ||
         pb_buffer_reserve_slow(buffer, more);
}

/* Shortens the buffer to `length`, which is not above its own, and forgets that it failed behind that. */
void pb_buffer_cut(pb_buffer *buffer, size_t length);

/* Appends bytes. */
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

/* Appends like printf(3). */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool pb_buffer_format(pb_buffer *buffer, const char *format, ...);

#endif
