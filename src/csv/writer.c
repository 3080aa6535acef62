#include "csv/writer.h"

/* Whether the text at the beginning of a file would be taken for a mark of its encoding. */
static bool looks_like_mark(const char *text, size_t length) {
  unsigned char first = (unsigned char)text[0];
  return first == 0xEF || first >= 0xFE || memchr(text, 0, length) != NULL;
}

static bool needs_quotes(const char *text, size_t length, char separator, bool alone) {
  if (length == 0) return alone;
  if (looks_like_mark(text, length)) return true;
  for (size_t i = 0; i < length; i++)
    if (text[i] == separator || text[i] == '"' || text[i] == '\r' || text[i] == '\n') return true;
  return false;
}

bool pb_csv_write(pb_buffer *out, const char *text, size_t length, char separator, bool alone) {
  if (!needs_quotes(text, length, separator, alone)) return pb_buffer_add(out, text, length);
  if (!pb_buffer_add_char(out, '"')) return false;
  while (length > 0) {
    const char *quote = memchr(text, '"', length);
    size_t part = quote ? (size_t)(quote - text) + 1 : length;
    if (!pb_buffer_add(out, text, part) || (quote && !pb_buffer_add_char(out, '"'))) return false;
    text += part;
    length -= part;
  }
  return pb_buffer_add_char(out, '"');
}
