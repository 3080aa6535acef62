#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"

enum { FIRST_CAPACITY = 256 };

static bool grow_on_heap(pb_buffer *buffer, size_t capacity) {
  char *data = pb_realloc(buffer->data, capacity);
  if (!data) return false;
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

void pb_buffer_init(pb_buffer *buffer) {
  *buffer = (pb_buffer){.grow = grow_on_heap};
}

void pb_buffer_free(pb_buffer *buffer) {
  pb_free(buffer->data);
  pb_buffer_init(buffer);
}

static bool never_grow(pb_buffer *buffer, size_t capacity) {
  (void)buffer;
  (void)capacity;
  return false;
}

void pb_buffer_init_fixed(pb_buffer *buffer, char *bytes, size_t capacity) {
  *buffer = (pb_buffer){.data = bytes, .capacity = capacity, .grow = never_grow};
}

bool pb_buffer_reserve_slow(pb_buffer *buffer, size_t more) {
  if (buffer->failed) return false;
  size_t need = buffer->length + more;
  size_t capacity = buffer->capacity > FIRST_CAPACITY / 2 ? buffer->capacity * 2 : FIRST_CAPACITY;
  if (capacity < need) capacity = need;
  buffer->failed = more > SIZE_MAX / 2 - buffer->length || !buffer->grow(buffer, capacity);
  return !buffer->failed;
}

void pb_buffer_cut(pb_buffer *buffer, size_t length) {
  buffer->length = length;
  buffer->failed = false;
}

bool pb_buffer_format(pb_buffer *buffer, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(NULL, 0, format, arguments);
  va_end(arguments);
  if (length < 0) buffer->failed = true;
  /* One byte more than is kept: vsnprintf ends with a NUL. */
  if (length < 0 || !pb_buffer_reserve(buffer, (size_t)length + 1)) return false;
  va_start(arguments, format);
  vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, arguments);
  va_end(arguments);
  buffer->length += (size_t)length;
  return true;
}
