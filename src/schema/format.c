#include "schema/format.h"

#include <string.h>

#include "schema/format_checks.h"
#include "schema/format_same.h"

static const pb_format formats[] = {
    {"uri", "an absolute URI such as https://example.com/path", pb_check_uri, pb_hint_uri, NULL},
    {"uuid", "a UUID such as 550e8400-e29b-41d4-a716-446655440000", pb_check_uuid, pb_hint_uuid,
     pb_same_uuid},
    {"ipv4", "an IPv4 address such as 192.0.2.1", pb_check_ipv4, pb_hint_ipv4, NULL},
    {"ipv6", "an IPv6 address such as 2001:db8::1", pb_check_ipv6, pb_hint_ipv6, pb_same_ipv6},
    {"date-time", "a date and time with its zone, such as 2026-01-31T12:00:00Z", pb_check_date_time,
     pb_hint_date_time, pb_same_date_time},
    {"e164", "a phone number with its country code, such as +18018018011", pb_check_e164,
     pb_hint_e164, NULL},
};

const pb_format *pb_format_find(const char *name) {
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (strcmp(formats[i].name, name) == 0) return &formats[i];
  return NULL;
}

bool pb_format_check(const pb_format *format, const char *text, size_t length) {
  return format->check(text, length);
}

bool pb_format_same(const pb_format *format, const char *a, size_t a_length, const char *b,
                    size_t b_length) {
  return format->same && format->same(a, a_length, b, b_length);
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool pb_format_hint(const pb_format *format, const char *text, size_t length, pb_buffer *out) {
  const char *from = text, *end = text + length;
  while (from < end && is_blank(*from)) from++;
  while (end > from && is_blank(end[-1])) end--;
  size_t left = (size_t)(end - from);
  if (left == 0 || left > PB_HINT_MAX) return false;
  if (left < length && format->check(from, left))
    return pb_buffer_format(out, "there is white space around it; write \"%.*s\"", (int)left, from);
  return format->hint(from, left, out);
}
