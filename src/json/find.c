#include "json/find.h"

#include "base/utf8.h"
#include "json/scan.h"

/* Reads the four hexadecimal digits at `at`; false where they are not there. */
static bool read_hex(const char *at, const char *end, uint32_t *code) {
  if (end - at < 4) return false;
  *code = 0;
  for (int i = 0; i < 4; i++) {
    unsigned char byte = (unsigned char)at[i], letter = byte | 0x20;
    bool digit = byte >= '0' && byte <= '9';
    if (!digit && (letter < 'a' || letter > 'f')) return false;
    *code = *code << 4 | (uint32_t)(digit ? byte - '0' : letter - 'a' + 10);
  }
  return true;
}

/* U+FFFD, which half of a surrogate pair stands for. */
enum { REPLACEMENT = 0xFFFD };

/* Reads the two halves of a surrogate pair, or one code unit; `*at` is behind "\u". Half of a pair alone, which
 * UTF-8 has no form for, is U+FFFD. */
static bool read_unicode(const char **at, const char *end, uint32_t *code) {
  uint32_t low;
  if (!read_hex(*at, end, code)) return false;
  *at += 4;
  if (*code < 0xD800 || *code > 0xDFFF) return true;
  if (*code > 0xDBFF || end - *at < 2 || (*at)[0] != '\\' || (*at)[1] != 'u' ||
      !read_hex(*at + 2, end, &low) || low < 0xDC00 || low > 0xDFFF) {
    *code = REPLACEMENT;
    return true;
  }
  *at += 6;
  *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

size_t pb_json_read_escape(const char **at, const char *end, char out[4]) {
  static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  if (end - *at < 2) return 0;
  char letter = (*at)[1];
  *at += 2;
  uint32_t code;
  if (letter == 'u') return read_unicode(at, end, &code) ? pb_utf8_write(code, out) : 0;
  const char *found = letter ? strchr(letters, letter) : NULL;
  if (!found) return 0;
  *out = meanings[found - letters];
  return 1;
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
    if (!escape) break;
    size_t count = pb_json_read_escape(&at, end, to);
    if (count == 0) break;
    to += count;
  }
  return (size_t)(to - out);
}

bool pb_json_has_half(const char *at, size_t length) {
  const char *end = at + length;
  while ((at = memchr(at, '\\', (size_t)(end - at)))) {
    uint32_t code = 0;
    bool unicode = end - at >= 6 && at[1] == 'u' && read_hex(at + 2, end, &code);
    at += unicode ? 6 : 2;
    if (at > end) return false;
    if (code < 0xD800 || code > 0xDFFF) continue;
    uint32_t low = 0;
    bool pair = code <= 0xDBFF && end - at >= 6 && at[0] == '\\' && at[1] == 'u' &&
                read_hex(at + 2, end, &low) && low >= 0xDC00 && low <= 0xDFFF;
    if (!pair) return true;
    at += 6;
  }
  return false;
}

/* Whether the inside of a string, from `at` to `end`, stands for the name. */
static bool is_name(const char *at, const char *end, bool escaped, const char *name,
                    size_t length) {
  if (!escaped) return (size_t)(end - at) == length && memcmp(at, name, length) == 0;
  while (at < end) {
    char bytes[4];
    size_t count = 1;
    if (*at == '\\') count = pb_json_read_escape(&at, end, bytes);
    else bytes[0] = *at++;
    if (count == 0 || count > length || memcmp(name, bytes, count) != 0) return false;
    name += count;
    length -= count;
  }
  return length == 0;
}

/* Behind the value that starts at `at`; null where it does not end. */
static const char *skip_value(const char *at, const char *end) {
  size_t depth = 0;
  do {
    bool escaped;
    if (at == end) return NULL;
    switch (*at) {
    case '"':
      at = pb_json_closing_quote(at + 1, end, &escaped);
      if (!at) return NULL;
      at++;
      break;
    case '[':
    case '{':
      depth++;
      at++;
      break;
    case ']':
    case '}':
      if (depth == 0) return NULL;
      depth--;
      at++;
      break;
    default:
      /* A number, a literal, or the text between values. */
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
  if (at == end || *at != '{') return false;
  at = pb_json_skip_space(at + 1, end);
  bool any = false;
  while (at < end && *at == '"') {
    bool escaped;
    const char *key = at + 1;
    const char *key_end = pb_json_closing_quote(key, end, &escaped);
    if (!key_end) return false;
    at = pb_json_skip_space(key_end + 1, end);
    if (at == end || *at != ':') return false;
    const char *value = pb_json_skip_space(at + 1, end);
    at = skip_value(value, end);
    if (!at) return false;
    if (is_name(key, key_end, escaped, name, name_length)) {
      *found = (pb_json_span){type_at(*value), value, (size_t)(at - value)};
      any = true;
      if (first) return true;
    }
    at = pb_json_skip_space(at, end);
    if (at == end || *at != ',') break;
    at = pb_json_skip_space(at + 1, end);
  }
  return any && at < end && *at == '}';
}

static bool is_plain_string(const pb_json_span *span, const char *text, size_t length) {
  return span->type == PB_JSON_IS_STRING && span->length == length + 2 &&
         memcmp(span->start + 1, text, length) == 0 && !memchr(text, '\\', length);
}

/* Whether the name may occur between `at` and `end`, as it is or with escapes. */
static bool may_name(const char *at, const char *end, const char *name, size_t length) {
  if (length == 0 || memchr(at, '\\', (size_t)(end - at))) return true;
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
  /* Of several members with one name the last one counts; nearly always there is no other. */
  if (!may_name(found.start + found.length, text + length, name, name_length)) return true;
  return pb_json_find(text, length, name, name_length, false, &found) &&
         is_plain_string(&found, key, key_length);
}
