#include "schema/format_checks.h"

#include "base/datetime.h"

enum { E164_MAX_DIGITS = 15, UUID_LENGTH = 36 };

bool pb_check_ipv4(const char *text, size_t length) {
  size_t at = 0;
  for (int part = 0; part < 4; part++) {
    if (part > 0 && (at == length || text[at++] != '.')) return false;
    size_t from = at;
    int value = 0;
    /* A fourth digit is read only to be refused below. */
    while (at < length && at - from < 4 && pb_is_digit(text[at]))
      value = value * 10 + (text[at++] - '0');
    if (at == from || value > 255) return false;
    /* Some programs read 010 as eight, others as ten. */
    if (text[from] == '0' && at - from > 1) return false;
  }
  return at == length;
}

bool pb_check_ipv6(const char *text, size_t length) {
  enum { GROUPS = 8 };
  int groups = 0;
  bool shortened = false; /* a "::" was seen */
  size_t at = 0;
  if (length >= 2 && text[0] == ':' && text[1] == ':') {
    shortened = true;
    at = 2;
  }
  while (at < length) {
    size_t from = at;
    while (at < length && at - from < 5 && pb_is_hex(text[at])) at++;
    if (at == from) return false;
    if (at < length && text[at] == '.') {
      /* The last 32 bits may be written as an IPv4 address. */
      if (!pb_check_ipv4(text + from, length - from)) return false;
      groups += 2;
      break;
    }
    if (at - from > 4) return false;
    groups++;
    if (at == length) break;
    if (text[at++] != ':' || at == length) return false;
    if (text[at] == ':') {
      if (shortened) return false;
      shortened = true;
      at++;
    }
  }
  return shortened ? groups < GROUPS : groups == GROUPS;
}

bool pb_check_uuid(const char *text, size_t length) {
  if (length != UUID_LENGTH) return false;
  for (size_t i = 0; i < length; i++) {
    bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !pb_is_hex(text[i])) return false;
  }
  return true;
}

bool pb_check_date_time(const char *text, size_t length) {
  pb_instant instant;
  return pb_datetime_parse(text, length, PB_DATETIME_RFC3339, 0, &instant);
}

bool pb_check_e164(const char *text, size_t length) {
  if (length < 2 || length > E164_MAX_DIGITS + 1 || text[0] != '+' || text[1] == '0') return false;
  for (size_t i = 1; i < length; i++)
    if (!pb_is_digit(text[i])) return false;
  return true;
}
