#include "json/writer.h"

#include "base/utf8.h"
#include "json/scan.h"

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
  const char *plain = text; /* everything from here to `at` is written as it is */
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
  buffer->length = before; /* `failed` stays */
  return result;
}
