#ifndef PB_JSON_SCAN_H
#define PB_JSON_SCAN_H

/* The inner loops of reader, writer and decoder. They read eight bytes at a time, because nearly all of
 * JSON is plain text within strings. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PB_EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t pb_json_word(const char *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

/* The number of bytes of a word, in memory order, before the first whose top bit is set in `marks` (not
 * 0). The marks of later bytes may be wrong, because a subtraction borrows upwards. So this is valid on
 * little-endian machines only; others never call it. */
#if defined(__GNUC__) && defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PB_JSON_WORDS 1
static inline size_t pb_json_before_mark(uint64_t marks) {
  return (size_t)__builtin_ctzll(marks) / 8;
}
#else
#define PB_JSON_WORDS 0
static inline size_t pb_json_before_mark(uint64_t marks) {
  (void)marks;
  return 0;
}
#endif

/* Whether a byte stands for itself in a string, whatever follows it. */
static inline bool pb_json_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Marks the first byte of a word that is not plain; 0 when all are. */
static inline uint64_t pb_json_not_plain(uint64_t word) {
  return (word | (word - PB_EVERY_BYTE(0x20)) | ((word ^ PB_EVERY_BYTE('"')) - PB_EVERY_BYTE(1)) |
          ((word ^ PB_EVERY_BYTE('\\')) - PB_EVERY_BYTE(1))) &
         PB_EVERY_BYTE(0x80);
}

/* Whether two texts of `length` bytes are the same. For names of members: calling memcmp takes longer than this. */
static inline bool pb_json_same(const char *a, const char *b, size_t length) {
  if (length < 8) return memcmp(a, b, length) == 0;
  for (size_t at = 0; at + 8 < length; at += 8)
    if (pb_json_word(a + at) != pb_json_word(b + at)) return false;
  return pb_json_word(a + length - 8) == pb_json_word(b + length - 8);
}

/* Copies text if all of it is plain; else returns false with a part copied. If the length is not a
 * multiple of a word's, the last word overlaps the one before. */
static inline bool pb_json_copy_plain(char *to, const char *text, size_t length) {
  if (length >= 8) {
    for (size_t at = 0;; at = at + 16 <= length ? at + 8 : length - 8) {
      uint64_t word = pb_json_word(text + at);
      if (pb_json_not_plain(word)) return false;
      memcpy(to + at, &word, sizeof word);
      if (at + 8 == length) return true;
    }
  }
  if (length >= 4) {
    uint32_t first, last;
    memcpy(&first, text, 4);
    memcpy(&last, text + length - 4, 4);
    if (pb_json_not_plain((uint64_t)last << 32 | first)) return false;
    memcpy(to, &first, 4);
    memcpy(to + length - 4, &last, 4);
    return true;
  }
  for (size_t at = 0; at < length; at++) {
    if (!pb_json_plain((unsigned char)text[at])) return false;
    to[at] = text[at];
  }
  return true;
}

/* The first byte from `at` on that is not plain, or `end`. */
static inline const char *pb_json_skip_plain(const char *at, const char *end) {
  while (PB_JSON_WORDS && end - at >= 8) {
    uint64_t marks = pb_json_not_plain(pb_json_word(at));
    if (marks) return at + pb_json_before_mark(marks);
    at += 8;
  }
  while (at < end && pb_json_plain((unsigned char)*at)) at++;
  return at;
}

/* The first quote or backslash from `at` on, or `end`. */
static inline const char *pb_json_skip_to_quote(const char *at, const char *end) {
  while (PB_JSON_WORDS && end - at >= 8) {
    uint64_t word = pb_json_word(at);
    uint64_t quote = word ^ PB_EVERY_BYTE('"');
    uint64_t slash = word ^ PB_EVERY_BYTE('\\');
    uint64_t marks =
        (((quote - PB_EVERY_BYTE(1)) & ~quote) | ((slash - PB_EVERY_BYTE(1)) & ~slash)) &
        PB_EVERY_BYTE(0x80);
    if (marks) return at + pb_json_before_mark(marks);
    at += 8;
  }
  while (at < end && *at != '"' && *at != '\\') at++;
  return at;
}

/* The closing quote of a string; `at` is behind the opening one. Null when there is none before `end`.
 * `*escaped` tells whether there is a backslash before it. */
static inline const char *pb_json_closing_quote(const char *at, const char *end, bool *escaped) {
  *escaped = false;
  for (;;) {
    at = pb_json_skip_to_quote(at, end);
    if (at == end) return NULL;
    if (*at == '"') return at;
    *escaped = true;
    if (end - at < 2) return NULL;
    at += 2;
  }
}

static inline bool pb_json_is_space(char byte) {
  return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}
static inline const char *pb_json_skip_space(const char *at, const char *end) {
  while (at < end && (unsigned char)*at <= ' ' && pb_json_is_space(*at)) at++;
  return at;
}

#endif
