#ifndef PB_BASE_ASCII_H
#define PB_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

/* Letters and digits of ASCII, whatever locale the program has set. strncasecmp(3) follows it: in a Turkish one of a
 * single byte, `I` is no capital of `i`. */

static inline char pb_ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool pb_ascii_is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* The value of a hexadecimal digit; -1 for any other character. */
static inline int pb_ascii_hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether `text`, of `length` bytes at least, begins with `lower`, which has no capital letters. Stops at a NUL. */
static inline bool pb_ascii_begins(const char *text, const char *lower) {
  while (*lower && pb_ascii_lower(*text) == *lower) text++, lower++;
  return !*lower;
}

/* Whether two texts of `length` bytes are the same but for the case of their letters. */
static inline bool pb_ascii_same(const char *a, const char *b, size_t length) {
  size_t i = 0;
  while (i < length && pb_ascii_lower(a[i]) == pb_ascii_lower(b[i])) i++;
  return i == length;
}

#endif
