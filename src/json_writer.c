#include "json_writer.h"

#include <math.h>

#include "json_number.h"
#include "json_scan.h"
#include "utf8.h"

static bool write_escape(pb_buffer *buffer, unsigned char byte) {
  static const char hex[] = "0123456789abcdef";
  char escape[6] = {'\\', (char)byte};
  switch (byte) {
  case '"':
  case '\\':
    return pb_buffer_add(buffer, escape, 2);
  case '\b':
    return pb_buffer_add(buffer, "\\b", 2);
  case '\f':
    return pb_buffer_add(buffer, "\\f", 2);
  case '\n':
    return pb_buffer_add(buffer, "\\n", 2);
  case '\r':
    return pb_buffer_add(buffer, "\\r", 2);
  case '\t':
    return pb_buffer_add(buffer, "\\t", 2);
  default:
    memcpy(escape, "\\u00", 4);
    escape[4] = hex[byte >> 4];
    escape[5] = hex[byte & 15];
    return pb_buffer_add(buffer, escape, 6);
  }
}

pb_json_written pb_json_write_string(pb_buffer *buffer, const char *text, size_t length) {
  const size_t before = buffer->length;
  const char *end = text + length;
  const char *plain = text; /* all from here to `at` goes out as it is */
  const char *at = text;
  pb_json_written result = PB_JSON_NO_MEMORY;
  if (length > SIZE_MAX - 2 || !pb_buffer_reserve(buffer, length + 2)) return result;
  buffer->data[buffer->length++] = '"';
  if (pb_json_copy_plain(buffer->data + buffer->length, text, length)) {
    buffer->length += length;
    buffer->data[buffer->length++] = '"';
    return PB_JSON_WRITTEN;
  }
  while ((at = pb_json_skip_plain(at, end)) < end) {
    unsigned char byte = (unsigned char)*at;
    if (byte >= 0x80) {
      size_t sequence = pb_utf8_sequence(at, (size_t)(end - at));
      if (sequence == 0) {
        result = PB_JSON_BAD_UTF8;
        goto failed;
      }
      at += sequence;
    } else {
      if (!pb_buffer_add(buffer, plain, (size_t)(at - plain))) goto failed;
      if (!write_escape(buffer, byte)) goto failed;
      plain = ++at;
    }
  }
  if (!pb_buffer_add(buffer, plain, (size_t)(end - plain))) goto failed;
  if (!pb_buffer_add_char(buffer, '"')) goto failed;
  return PB_JSON_WRITTEN;
failed:
  buffer->length = before;
  return result;
}

bool pb_json_write_integer(pb_buffer *buffer, int64_t value) {
  char text[20];
  char *at = text + sizeof text;
  uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
  do *--at = (char)('0' + size % 10);
  while ((size /= 10) > 0);
  if (value < 0) *--at = '-';
  return pb_buffer_add(buffer, at, (size_t)(text + sizeof text - at));
}

/* Exponents from here to there are spelled out as zeros, which people read more easily. */
enum { LOWEST_PLAIN_EXPONENT = -5, HIGHEST_PLAIN_EXPONENT = 16 };

static char *put(char *to, const char *bytes, int count) {
  memcpy(to, bytes, (size_t)count);
  return to + count;
}

static char *put_zeros(char *to, int count) {
  memset(to, '0', (size_t)count);
  return to + count;
}

bool pb_json_write_double(pb_buffer *buffer, double value) {
  char digits[PB_JSON_DOUBLE_DIGITS] = "0";
  int exponent = 0;
  int count = value == 0 ? 1 : pb_json_shortest(fabs(value), digits, &exponent);
  char text[40];
  char *to = text;
  if (signbit(value)) *to++ = '-';
  if (exponent < LOWEST_PLAIN_EXPONENT || exponent > HIGHEST_PLAIN_EXPONENT) {
    *to++ = digits[0];
    if (count > 1) {
      *to++ = '.';
      to = put(to, digits + 1, count - 1);
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    int size = exponent < 0 ? -exponent : exponent;
    if (size >= 100) *to++ = (char)('0' + size / 100);
    *to++ = (char)('0' + size / 10 % 10);
    *to++ = (char)('0' + size % 10);
  } else if (exponent < 0) {
    to = put(to, "0.", 2);
    to = put_zeros(to, -exponent - 1);
    to = put(to, digits, count);
  } else if (count <= exponent + 1) {
    to = put(to, digits, count);
    to = put_zeros(to, exponent + 1 - count);
    to = put(to, ".0", 2);
  } else {
    to = put(to, digits, exponent + 1);
    *to++ = '.';
    to = put(to, digits + exponent + 1, count - exponent - 1);
  }
  return pb_buffer_add(buffer, text, (size_t)(to - text));
}
