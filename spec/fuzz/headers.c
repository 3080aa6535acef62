/* Headers, both ways: the fields of an answer's block against a plain split of its lines, and lines that
 * a script gives, none of which may start another header. */

#include "fuzz.h"

#include <ctype.h>

#include "http/headers.h"

static bool is_token(const char *bytes, size_t length) {
  if (length == 0) return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (c >= 0x80 || c <= 0x20 || c == 0x7F || strchr("\"(),/:;<=>?@[\\]{}", c)) return false;
  }
  return true;
}

static void read_block(char *block, size_t size) {
  char *cursor = block, *end = block + size, *line = block;
  pb_http_field field;
  while (line < end) {
    char *line_end = line;
    while (line_end < end && *line_end != '\n') line_end++;
    char *colon = line;
    while (colon < line_end && *colon != ':') colon++;
    if (colon < line_end && is_token(line, (size_t)(colon - line))) {
      const char *from = colon + 1, *to = line_end;
      while (from < to && (*from == ' ' || *from == '\t')) from++;
      while (to > from && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r')) to--;
      FUZZ_HOLDS(pb_http_field_next(&field, &cursor, end));
      FUZZ_HOLDS(field.name == line && field.name_length == (size_t)(colon - line));
      FUZZ_HOLDS(field.value_length == (size_t)(to - from));
      FUZZ_HOLDS(field.value_length == 0 || field.value == from);
    }
    line = line_end < end ? line_end + 1 : end;
  }
  FUZZ_HOLDS(!pb_http_field_next(&field, &cursor, end));
}

static bool starts_with(const char *line, const char *name) {
  for (; *name; line++, name++)
    if (tolower((unsigned char)*line) != tolower((unsigned char)*name)) return false;
  return true;
}

static void add_lines(const char *lines, size_t size) {
  pb_headers *headers = pb_headers_new();
  FUZZ_HOLDS(headers);
  unsigned added = 0;
  for (const char *at = lines, *end = lines + size; at <= end;) {
    /* A byte that no header can have parts them, so that line breaks and NULs can be in them. */
    const char *stop = at;
    while (stop < end && *stop != '\x01') stop++;
    size_t length = (size_t)(stop - at);
    char *line = calloc(length + 1, 1);
    if (!line) abort();
    memcpy(line, at, length);
    added += pb_headers_add(headers, line, length) == PB_HEADER_FINE;
    free(line);
    at = stop + 1;
  }
  unsigned kept = 0;
  for (struct curl_slist *item = headers->list; item; item = item->next, kept++) {
    size_t name = strcspn(item->data, ":;");
    FUZZ_HOLDS(is_token(item->data, name));
    for (const char *c = item->data; *c; c++)
      FUZZ_HOLDS(((unsigned char)*c >= ' ' || *c == '\t') && *c != 0x7F);
    FUZZ_HOLDS(!starts_with(item->data, "Content-Length:") && !starts_with(item->data, "Expect:") &&
               !starts_with(item->data, "Transfer-Encoding:"));
    FUZZ_HOLDS(!starts_with(item->data, "Content-Length;") && !starts_with(item->data, "Expect;") &&
               !starts_with(item->data, "Transfer-Encoding;"));
  }
  FUZZ_HOLDS(kept == added);
  FUZZ_HOLDS(pb_headers_finish(headers));
  pb_headers_release(headers);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = fuzz_copy(data, size);
  FUZZ_HOLDS(pb_http_is_token(text, size) == is_token(text, size));
  read_block(text, size);
  add_lines(text, size);
  free(text);
  return 0;
}
