#include "base/invisible.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

static bool is_invisible(uint32_t code) {
  static const struct {
    uint32_t first, last;
  } ranges[] = {
      {0xA0, 0xA0},       /* a blank that does not break */
      {0xAD, 0xAD},       /* soft hyphen */
      {0x34F, 0x34F},     /* grapheme joiner */
      {0x61C, 0x61C},     /* Arabic letter mark */
      {0x1680, 0x1680},   /* Ogham space */
      {0x180E, 0x180E},   /* Mongolian vowel separator */
      {0x2000, 0x200F},   /* typographic and zero-width blanks, joiners, direction marks */
      {0x2028, 0x202F},   /* line and paragraph separators, embeddings, narrow blank */
      {0x205F, 0x2064},   /* mathematical blank, word joiner, invisible operators */
      {0x2066, 0x206F},   /* isolates, deprecated format characters */
      {0x3000, 0x3000},   /* ideographic space */
      {0xFE00, 0xFE0F},   /* variation selectors */
      {0xFEFF, 0xFEFF},   /* byte order mark */
      {0xFFF9, 0xFFFB},   /* interlinear annotations */
      {0xE0000, 0xE0FFF}, /* tags, further variation selectors */
  };
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    if (code >= ranges[i].first && code <= ranges[i].last) return true;
  return false;
}

/* The length of the sequence at `text`, 1 for a byte that begins none; `*code` is its code point or 0. */
static size_t read(const char *text, size_t length, uint32_t *code) {
  *code = 0;
  if ((unsigned char)*text < 0x80) return 1;
  size_t sequence = pb_utf8_read(text, length, code);
  return sequence > 0 ? sequence : 1;
}

size_t pb_invisible_find(const char *text, size_t length, uint32_t *codepoint) {
  for (size_t at = 0; at < length; at += read(text + at, length - at, codepoint)) {
    uint32_t code;
    read(text + at, length - at, &code);
    if (!is_invisible(code)) continue;
    *codepoint = code;
    return at;
  }
  return length;
}

size_t pb_invisible_strip(const char *text, size_t length, char *out) {
  size_t size = 0, sequence;
  for (size_t at = 0; at < length; at += sequence) {
    uint32_t code;
    sequence = read(text + at, length - at, &code);
    if (is_invisible(code)) continue;
    memcpy(out + size, text + at, sequence);
    size += sequence;
  }
  return size;
}
