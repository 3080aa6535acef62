#ifndef PB_JSON_SCAN_H
#define PB_JSON_SCAN_H

/* The inner loops that reader, writer and builder share. They look at eight bytes at a time, for
 * nearly all of JSON is plain text within strings. */

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

/* How many of a word's bytes, in the order of memory, come before the first whose top bit is set in
 * `marks` (not 0). The marks of later bytes may be wrong, because a subtraction borrows upwards. So
 * this is right on little-endian machines alone; others never call it. */
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

/* Plain: stands in a string as itself and needs no look at what comes next. */
static inline bool pb_json_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The first byte from `at` on that is not plain, or `end`. */
static inline const char *pb_json_skip_plain(const char *at, const char *end) {
  while (PB_JSON_WORDS && end - at >= 8) {
    uint64_t word = pb_json_word(at);
    uint64_t marks =
        (word | (word - PB_EVERY_BYTE(0x20)) | ((word ^ PB_EVERY_BYTE('"')) - PB_EVERY_BYTE(1)) |
         ((word ^ PB_EVERY_BYTE('\\')) - PB_EVERY_BYTE(1))) &
        PB_EVERY_BYTE(0x80);
    if (marks) return at + pb_json_before_mark(marks);
    at += 8;
  }
  while (at < end && pb_json_plain((unsigned char)*at)) at++;
  return at;
}

/* The first quote or backslash from `at` on, within a string of checked text: there is one. */
static inline const char *pb_json_skip_checked(const char *at, const char *end) {
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
  while (*at != '"' && *at != '\\') at++;
  return at;
}

/* The closing quote of a string in checked text; `at` is behind the opening one. `*escaped` tells
 * whether there is a backslash before it. */
static inline const char *pb_json_closing_quote(const char *at, const char *end, bool *escaped) {
  *escaped = false;
  for (;;) {
    at = pb_json_skip_checked(at, end);
    if (*at == '"') return at;
    *escaped = true;
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
