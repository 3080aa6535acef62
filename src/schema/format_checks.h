#ifndef PB_SCHEMA_FORMAT_CHECKS_H
#define PB_SCHEMA_FORMAT_CHECKS_H

/* What format.c puts together, and nobody else needs. */

#include "schema/format.h"

enum {
  /* Longer text gets no hint: nobody reads it, and hints are built on the C stack. */
  PB_HINT_MAX = 256
};

bool pb_check_ipv4(const char *text, size_t length);
bool pb_check_ipv6(const char *text, size_t length);
bool pb_check_uri(const char *text, size_t length);
bool pb_check_uuid(const char *text, size_t length);
bool pb_check_date_time(const char *text, size_t length);
bool pb_check_e164(const char *text, size_t length);

/* `text` is PB_HINT_MAX long at most, and does not begin or end with white space. */
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
