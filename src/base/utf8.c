#include "base/utf8.h"

#include <string.h>

static bool continues(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

size_t pb_utf8_sequence(const char *bytes, size_t left) {
  const unsigned char *b = (const unsigned char *)bytes;
  unsigned char first = b[0];
  if (first < 0x80) return 1;
  /* 0xC0 and 0xC1 could only start overlong forms, 0xF5 and above only code points above U+10FFFF. */
  if (first < 0xC2 || first > 0xF4) return 0;
  if (first < 0xE0) return left >= 2 && continues(b[1]) ? 2 : 0;
  if (first < 0xF0) {
    if (left < 3 || !continues(b[1]) || !continues(b[2])) return 0;
    if (first == 0xE0 && b[1] < 0xA0) return 0; /* overlong */
    if (first == 0xED && b[1] > 0x9F) return 0; /* surrogates */
    return 3;
  }
  if (left < 4 || !continues(b[1]) || !continues(b[2]) || !continues(b[3])) return 0;
  if (first == 0xF0 && b[1] < 0x90) return 0; /* overlong */
  if (first == 0xF4 && b[1] > 0x8F) return 0; /* above U+10FFFF */
  return 4;
}

size_t pb_utf8_read(const char *text, size_t length, uint32_t *codepoint) {
  /* By the length of the sequence: the bits of its first byte that belong to the code point. */
  static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  if (length == 0) return 0;
  size_t sequence = pb_utf8_sequence(text, length);
  if (sequence == 0) return 0;
  uint32_t value = (unsigned char)text[0] & mask[sequence];
  for (size_t i = 1; i < sequence; i++) value = value << 6 | ((unsigned char)text[i] & 0x3F);
  *codepoint = value;
  return sequence;
}

bool pb_utf8_check(const char *text, size_t length, size_t *bad) {
  for (size_t at = 0; at < length;) {
    /* Nearly all text is ASCII: eight bytes at a time, as long as none has its top bit set. */
    uint64_t word;
    while (length - at >= sizeof word) {
      memcpy(&word, text + at, sizeof word);
      if (word & UINT64_C(0x8080808080808080)) break;
      at += sizeof word;
    }
    while (at < length && (unsigned char)text[at] < 0x80) at++;
    if (at == length) break;
    size_t sequence = pb_utf8_sequence(text + at, length - at);
    if (sequence == 0) {
      if (bad) *bad = at;
      return false;
    }
    at += sequence;
  }
  return true;
}

size_t pb_utf8_write(uint32_t code, char out[4]) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char)(0xC0 | code >> 6);
    out[1] = (char)(0x80 | (code & 0x3F));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
  }
  out[0] = (char)(0xF0 | code >> 18);
  out[1] = (char)(0x80 | (code >> 12 & 0x3F));
  out[2] = (char)(0x80 | (code >> 6 & 0x3F));
  out[3] = (char)(0x80 | (code & 0x3F));
  return 4;
}
