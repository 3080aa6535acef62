#include "mask/unescape.h"

#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/utf8.h"

/* `count` hexadecimal digits; false where there are fewer. */
static bool take_hex(const char *at, const char *end, int count, uint32_t *code) {
  if (end - at < count) return false;
  *code = 0;
  for (int i = 0; i < count; i++) {
    int digit = pb_ascii_hex_value(at[i]);
    if (digit < 0) return false;
    *code = *code << 4 | (uint32_t)digit;
  }
  return true;
}

/* Half of a surrogate pair is written like any code point: a secret may be cut off within the pair. */
static size_t write(uint32_t code, char out[4]) {
  return code > 0x10FFFF ? 0 : pb_utf8_write(code, out);
}

/* Each of these: the length of the escape at `at`, and in `out` the bytes that it stands for, of which there is
 * at least one; 0 where there is no escape. */

static size_t read_backslash(const char *at, const char *end, char out[4], size_t *size) {
  uint32_t code, low;
  if (end - at < 2) return 0;
  if (at[1] == 'u') {
    if (!take_hex(at + 2, end, 4, &code)) return 0;
    size_t length = 6;
    if (code >= 0xD800 && code < 0xDC00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u' &&
        take_hex(at + 8, end, 4, &low) && low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      length = 12;
    }
    *size = write(code, out);
    return length;
  }
  *size = 1;
  if (at[1] == 'x' && take_hex(at + 2, end, 2, &code)) {
    out[0] = (char)code;
    return 4;
  }
  static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
  const char *letter = at[1] ? strchr(letters, at[1]) : NULL;
  out[0] = letter ? meant[letter - letters] : at[1];
  return 2;
}

static size_t read_percent(const char *at, const char *end, char out[4], size_t *size) {
  uint32_t code;
  if (!take_hex(at + 1, end, 2, &code)) return 0;
  out[0] = (char)code;
  *size = 1;
  return 3;
}

static size_t read_entity(const char *at, const char *end, char out[4], size_t *size) {
  enum { MOST_DIGITS = 7 };
  static const struct {
    const char *name;
    char meant;
  } names[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};
  size_t left = (size_t)(end - at);
  if (left > 1 && at[1] == '#') {
    const char *digits = at + 2;
    uint32_t base = digits < end && (*digits | 0x20) == 'x' ? 16 : 10, code = 0;
    if (base == 16) digits++;
    const char *last = digits;
    for (int digit;
         last < end && last - digits < MOST_DIGITS && (digit = pb_ascii_hex_value(*last)) >= 0;
         last++) {
      if ((uint32_t)digit >= base) return 0;
      code = code * base + (uint32_t)digit;
    }
    if (last == digits || last == end || *last != ';') return 0;
    *size = write(code, out);
    return *size > 0 ? (size_t)(last - at) + 1 : 0;
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i].name);
    if (left <= length || memcmp(at + 1, names[i].name, length) != 0) continue;
    out[0] = names[i].meant;
    *size = 1;
    return length + 1;
  }
  return 0;
}

static size_t read_escape(const char *at, const char *end, char out[4], size_t *size) {
  switch (*at) {
  case '\\':
    return read_backslash(at, end, out, size);
  case '%':
    return read_percent(at, end, out, size);
  case '&':
    return read_entity(at, end, out, size);
  default:
    return 0;
  }
}

/* The offset of the first escape, or `length`. */
static size_t first_escape(const char *text, size_t length) {
  char out[4];
  size_t size;
  for (size_t at = 0; at < length; at++)
    if (read_escape(text + at, text + length, out, &size)) return at;
  return length;
}

bool pb_unescape(const char *text, size_t length, pb_plain *plain) {
  *plain = (pb_plain){.text = NULL};
  size_t at = first_escape(text, length);
  if (at == length || length >= UINT32_MAX) return false;
  /* The text of an escape is never longer than the escape. */
  plain->text = pb_realloc(NULL, length);
  plain->sources = pb_realloc(NULL, (length + 1) * sizeof *plain->sources);
  if (!plain->text || !plain->sources) {
    pb_plain_free(plain);
    plain->failed = true;
    return false;
  }
  memcpy(plain->text, text, at);
  size_t count = 0;
  for (; count < at; count++) plain->sources[count] = (uint32_t)count;
  while (at < length) {
    char out[4];
    size_t size = 1, taken = read_escape(text + at, text + length, out, &size);
    if (taken == 0) {
      out[0] = text[at];
      taken = size = 1;
    }
    for (size_t i = 0; i < size; i++) {
      plain->text[count] = out[i];
      plain->sources[count++] = (uint32_t)at;
    }
    at += taken;
  }
  plain->sources[count] = (uint32_t)length;
  plain->length = count;
  return true;
}

void pb_plain_free(pb_plain *plain) {
  if (plain->text) pb_free(plain->text);
  if (plain->sources) pb_free(plain->sources);
  *plain = (pb_plain){.text = NULL};
}

void pb_plain_source(const pb_plain *plain, size_t *start, size_t *end) {
  uint32_t first = plain->sources[*start];
  if (*end > *start) {
    uint32_t last = plain->sources[*end - 1];
    while (plain->sources[*end] == last && *end < plain->length) ++*end;
    *end = plain->sources[*end];
  } else {
    *end = first;
  }
  *start = first;
}
