#ifndef PB_SCHEMA_FORMAT_H
#define PB_SCHEMA_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* The `format` of OpenAPI and JSON Schema, for the formats that telephony APIs use:
 *
 *   uri        RFC 3986, with a scheme; the whole syntax is checked. A port is 65535 at most, and
 *              http, https, ws and wss need a host, as RFC 9110 and RFC 6455 say; sip
 *              and sips may have an IPv6 host in brackets, as RFC 3261 says
 *   uuid       RFC 9562's text form, any version, either letter case
 *   ipv4       four numbers 0 to 255 without leading zeros
 *   ipv6       RFC 4291, with an embedded IPv4 address too; no zone, no brackets
 *   date-time  RFC 3339; second 60 only where UTC can have a leap second
 *   e164       "+" and 1 to 15 digits, the first one not 0: ITU-T E.164's international number
 */
typedef struct pb_format {
  const char *name;
  const char *expected; /* completes "expected …": "an IPv4 address such as 192.0.2.1" */
  /* For format.c only; call the functions below. */
  bool (*check)(const char *text, size_t length);
  bool (*hint)(const char *text, size_t length, pb_buffer *out);
  /* Whether two texts that are not equal mean the same; null: none do. */
  bool (*same)(const char *a, size_t a_length, const char *b, size_t b_length);
} pb_format;

/* Returns null when there is no format with this name. */
const pb_format *pb_format_find(const char *name);

bool pb_format_check(const pb_format *format, const char *text, size_t length);

/* Whether two texts that are not equal mean the same. Addresses of the format uri and phone numbers have rules of
 * their own, see same.c. */
bool pb_format_same(const pb_format *format, const char *a, size_t a_length, const char *b,
                    size_t b_length);

/* For text that failed the check: appends a remedy for a likely mistake, such as `the scheme is missing;
 * write "https://example.com/x"`. A text that it says to write passes the check. Returns false when it has
 * no remedy or no memory; then nothing was appended. */
bool pb_format_hint(const pb_format *format, const char *text, size_t length, pb_buffer *out);

#endif
