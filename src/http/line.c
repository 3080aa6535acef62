#include "http/line.h"

#include <string.h>

#include "base/ascii.h"

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool pb_http_is_status_line(const char *line, size_t length, bool newer) {
  size_t version = 0;
  if (length > 8 && (memcmp(line, "HTTP/1.0", 8) == 0 || memcmp(line, "HTTP/1.1", 8) == 0))
    version = 8;
  else if (newer && length > 6 &&
           (memcmp(line, "HTTP/2", 6) == 0 || memcmp(line, "HTTP/3", 6) == 0))
    version = 6;
  /* A space and exactly three digits. The reason, and the space before it, may be missing. */
  if (version == 0 || length < version + 5 || line[version] != ' ') return false;
  const char *status = line + version + 1;
  return status[0] >= '1' && is_digit(status[0]) && is_digit(status[1]) && is_digit(status[2]) &&
         !is_digit(status[3]);
}

bool pb_http_is_interim(const char *line) {
  const char *status = strchr(line, ' ') + 1;
  return status[0] == '1' && memcmp(status, "101", 3) != 0;
}

static bool is_coding(const char *text, size_t length, const char *coding) {
  return length == strlen(coding) && pb_ascii_same(text, coding, length);
}

bool pb_http_is_plain_coding(const char *value) {
  bool chunked = false;
  for (;;) {
    value += strspn(value, " \t,");
    size_t length = strcspn(value, ",\r\n");
    const char *next = value + length;
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t')) length--;
    if (length == 0) return true;
    if (is_coding(value, length, "chunked")) chunked = true;
    else if (chunked || !is_coding(value, length, "identity")) return false;
    value = next;
  }
}

bool pb_http_is_field_line(const char *line, size_t length) {
  return length > 1 && line[0] != ':' && memchr(line, ':', length) != NULL;
}

bool pb_http_has_bare_return(const char *line, size_t length) {
  const char *found = memchr(line, '\r', length);
  return found && found + 2 < line + length;
}

bool pb_http_is_blank(const char *line, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!strchr(" \t\r\n", line[i]) || line[i] == '\0') return false;
  return true;
}
