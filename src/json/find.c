#include "json/find.h"

#include "base/utf8.h"
#include "json/scan.h"

static uint32_t read_hex(const char *at) {
  uint32_t code = 0;
  for (int i = 0; i < 4; i++) {
    uint32_t byte = (unsigned char)at[i];
    code = code << 4 | (byte <= '9' ? byte - '0' : (byte | 0x20) - 'a' + 10);
  }
  return code;
}

/* Reads the escape at `*at` (its backslash), moves behind it, and returns how many bytes it is. */
static size_t read_escape(const char **at, char out[4]) {
  char letter = (*at)[1];
  *at += 2;
  switch (letter) {
  case 'b':
    *out = '\b';
    return 1;
  case 'f':
    *out = '\f';
    return 1;
  case 'n':
    *out = '\n';
    return 1;
  case 'r':
    *out = '\r';
    return 1;
  case 't':
    *out = '\t';
    return 1;
  case 'u':
    break;
  default:
    *out = letter;
    return 1;
  }
  uint32_t code = read_hex(*at);
  *at += 4;
  if (code >= 0xD800 && code <= 0xDBFF) {
    code = 0x10000 + ((code - 0xD800) << 10) + (read_hex(*at + 2) - 0xDC00);
    *at += 6;
  }
  return pb_utf8_write(code, out);
}

size_t pb_json_unescape(const char *inside, size_t length, char *out) {
  const char *at = inside;
  const char *end = inside + length;
  char *to = out;
  while (at < end) {
    const char *escape = memchr(at, '\\', (size_t)(end - at));
    size_t plain = (size_t)((escape ? escape : end) - at);
    memcpy(to, at, plain);
    to += plain;
    at += plain;
    if (escape) to += read_escape(&at, to);
  }
  return (size_t)(to - out);
}

static bool says(const char *at, const char *end, bool escaped, const char *name, size_t length) {
  if (!escaped) return (size_t)(end - at) == length && memcmp(at, name, length) == 0;
  while (at < end) {
    char bytes[4];
    size_t count = 1;
    if (*at == '\\') count = read_escape(&at, bytes);
    else bytes[0] = *at++;
    if (count > length || memcmp(name, bytes, count) != 0) return false;
    name += count;
    length -= count;
  }
  return length == 0;
}

/* Behind the value that starts at `at`. */
static const char *skip_value(const char *at, const char *end) {
  size_t depth = 0;
  do {
    bool escaped;
    switch (*at) {
    case '"':
      at = pb_json_closing_quote(at + 1, end, &escaped) + 1;
      break;
    case '[':
    case '{':
      depth++;
      at++;
      break;
    case ']':
    case '}':
      depth--;
      at++;
      break;
    default:
      /* A number, a word, or what is between values; a scalar ends before any of these. */
      at++;
      while (at < end && !strchr(",:\"[]{} \t\r\n", *at)) at++;
    }
  } while (depth > 0);
  return at;
}

static pb_json_type type_at(char first) {
  switch (first) {
  case '"':
    return PB_JSON_IS_STRING;
  case '[':
    return PB_JSON_IS_ARRAY;
  case '{':
    return PB_JSON_IS_OBJECT;
  case 't':
  case 'f':
    return PB_JSON_IS_BOOLEAN;
  case 'n':
    return PB_JSON_IS_NULL;
  default:
    return PB_JSON_IS_NUMBER;
  }
}

bool pb_json_find(const char *text, size_t length, const char *name, size_t name_length, bool first,
                  pb_json_span *found) {
  const char *end = text + length;
  const char *at = pb_json_skip_space(text, end);
  if (*at != '{') return false;
  at = pb_json_skip_space(at + 1, end);
  bool any = false;
  while (*at != '}') {
    bool escaped;
    const char *key = at + 1;
    const char *key_end = pb_json_closing_quote(key, end, &escaped);
    at = pb_json_skip_space(key_end + 1, end); /* at the colon */
    at = pb_json_skip_space(at + 1, end);
    const char *value = at;
    at = skip_value(at, end);
    if (says(key, key_end, escaped, name, name_length)) {
      *found = (pb_json_span){type_at(*value), value, (size_t)(at - value)};
      any = true;
      if (first) break;
    }
    at = pb_json_skip_space(at, end);
    if (*at == ',') at = pb_json_skip_space(at + 1, end);
  }
  return any;
}

static bool is_plain_string(const pb_json_span *span, const char *text, size_t length) {
  return span->type == PB_JSON_IS_STRING && span->length == length + 2 &&
         memcmp(span->start + 1, text, length) == 0 && !memchr(text, '\\', length);
}

/* Whether the name may come up between `at` and `end`: as it is, or with escapes. */
static bool may_name(const char *at, const char *end, const char *name, size_t length) {
  if (memchr(at, '\\', (size_t)(end - at))) return true;
  while (length <= (size_t)(end - at)) {
    at = memchr(at, *name, (size_t)(end - at) - length + 1);
    if (!at) return false;
    if (memcmp(at, name, length) == 0) return true;
    at++;
  }
  return false;
}

bool pb_json_member_is(const char *text, size_t length, const char *name, size_t name_length,
                       const char *key, size_t key_length) {
  pb_json_span found;
  if (!pb_json_find(text, length, name, name_length, true, &found) ||
      !is_plain_string(&found, key, key_length))
    return false;
  /* Nearly always that was all. Of several members of one name the last one counts. */
  if (!may_name(found.start + found.length, text + length, name, name_length)) return true;
  return pb_json_find(text, length, name, name_length, false, &found) &&
         is_plain_string(&found, key, key_length);
}
