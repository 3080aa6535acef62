#ifndef PB_SCHEMA_FORMAT_CHECKS_H
#define PB_SCHEMA_FORMAT_CHECKS_H

/* The checks and hints of the formats, for format.c only. */

#include "schema/format.h"

enum {
  /* Longer text gets no hint: hints are built on the C stack, and nobody would read them. */
  PB_HINT_MAX = 256
};

bool pb_check_ipv4(const char *text, size_t length);
bool pb_check_ipv6(const char *text, size_t length);
bool pb_check_uri(const char *text, size_t length);
bool pb_check_uuid(const char *text, size_t length);
bool pb_check_date_time(const char *text, size_t length);
bool pb_check_e164(const char *text, size_t length);

/* `text` has PB_HINT_MAX bytes at most, and no white space at its ends. */
bool pb_hint_ipv4(const char *text, size_t length, pb_buffer *out);
bool pb_hint_ipv6(const char *text, size_t length, pb_buffer *out);
bool pb_hint_uri(const char *text, size_t length, pb_buffer *out);
bool pb_hint_uuid(const char *text, size_t length, pb_buffer *out);
bool pb_hint_date_time(const char *text, size_t length, pb_buffer *out);
bool pb_hint_e164(const char *text, size_t length, pb_buffer *out);

static inline bool pb_is_digit(char c) {
  return c >= '0' && c <= '9';
}
static inline bool pb_is_letter(char c) {
  return (unsigned char)((c | 0x20) - 'a') < 26;
}
static inline bool pb_is_hex(char c) {
  return pb_is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

#endif
