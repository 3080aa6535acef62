/* Hints for near misses. A text that a hint says to write has passed the check first. */

#include <string.h>

#include "schema/format_checks.h"

/* Text built here is the given one with a few characters more. */
enum { ROOM = 3 * PB_HINT_MAX + 16 };

typedef bool (*check)(const char *text, size_t length);

/* Appends "<reason>write "<text>"" if `text` passes. */
static bool say(pb_buffer *out, check passes, const char *reason, const char *text, size_t length) {
  return passes(text, length) &&
         pb_buffer_format(out, "%swrite \"%.*s\"", reason, (int)length, text);
}

/* The first position of `c`, or `length`. */
static size_t find(const char *text, size_t length, char c) {
  const char *at = memchr(text, c, length);
  return at ? (size_t)(at - text) : length;
}

static bool starts_with(const char *text, size_t length, const char *start) {
  return length >= strlen(start) && memcmp(text, start, strlen(start)) == 0;
}

bool pb_hint_ipv4(const char *text, size_t length, pb_buffer *out) {
  size_t colon = find(text, length, ':'), slash = find(text, length, '/');
  if (colon < length)
    return say(out, pb_check_ipv4, "a port is no part of an address; ", text, colon);
  if (slash < length)
    return say(out, pb_check_ipv4, "a prefix length is no part of an address; ", text, slash);
  /* No text to write is suggested: some programs read numbers with leading zeros as octal. */
  char plain[PB_HINT_MAX];
  size_t size = 0;
  for (size_t i = 0; i < length; i++) {
    bool leading =
        text[i] == '0' && (i == 0 || text[i - 1] == '.' || size == 0 || plain[size - 1] == '.');
    if (leading && i + 1 < length && pb_is_digit(text[i + 1])) continue;
    plain[size++] = text[i];
  }
  return size < length && pb_check_ipv4(plain, size) &&
         pb_buffer_add_text(out, "its numbers must not begin with 0");
}

bool pb_hint_ipv6(const char *text, size_t length, pb_buffer *out) {
  if (length > 2 && text[0] == '[') {
    size_t close = find(text, length, ']');
    return say(out, pb_check_ipv6,
               close + 1 == length ? "brackets are no part of an address; "
                                   : "brackets and a port are no part of an address; ",
               text + 1, close > 1 ? close - 1 : 0);
  }
  size_t zone = find(text, length, '%'), slash = find(text, length, '/');
  if (zone < length) return say(out, pb_check_ipv6, "a zone is no part of it; ", text, zone);
  return slash < length &&
         say(out, pb_check_ipv6, "a prefix length is no part of an address; ", text, slash);
}

/* From the path on, percent-encodes all bytes that a URI may not have. */
static size_t encode_path(const char *text, size_t length, char *encoded) {
  static const char hex[] = "0123456789ABCDEF";
  size_t size = 0;
  const char *authority = strstr(text, "://");
  size_t from = authority ? (size_t)(authority - text) + 3 : length;
  while (from < length && !strchr("/?#", text[from])) from++;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (i < from || (c > ' ' && c < 0x7F && !strchr("\"<>[]\\^`{|}", c))) {
      encoded[size++] = text[i];
    } else {
      encoded[size++] = '%';
      encoded[size++] = hex[c >> 4];
      encoded[size++] = hex[c & 15];
    }
  }
  return size;
}

bool pb_hint_uri(const char *text, size_t length, pb_buffer *out) {
  char whole[PB_HINT_MAX + 16], encoded[ROOM];
  if (find(text, length, '\0') < length) return false;
  bool scheme = false;
  for (size_t i = 0; i < length && !scheme; i++) {
    if (text[i] == ':') scheme = true;
    else if (!pb_is_letter(text[i]) && !pb_is_digit(text[i]) && !strchr("+-.", text[i])) break;
  }
  /* An IPv4 address with a port looks like a scheme, but a scheme never starts with a digit. */
  scheme = scheme && pb_is_letter(text[0]);
  size_t size = 0;
  if (!scheme) {
    /* A path or a single word is not taken for a host. */
    size_t host = starts_with(text, length, "//") ? 2 : 0;
    size_t slash = host + find(text + host, length - host, '/');
    if (slash == host || (find(text, slash, '.') == slash && text[host] != '['))
      return pb_buffer_add_text(out, "the scheme (such as https://) is missing");
    memcpy(whole, "https:", size = 6);
    if (host == 0) memcpy(whole + size, "//", 2), size += 2;
  }
  memcpy(whole + size, text, length);
  size += length;
  whole[size] = '\0';
  const char *reason = scheme ? "" : "the scheme is missing; ";
  if (say(out, pb_check_uri, reason, whole, size)) return true;
  size = encode_path(whole, size, encoded);
  if (scheme) reason = "some characters must be percent-encoded; ";
  return say(out, pb_check_uri, reason, encoded, size);
}

bool pb_hint_uuid(const char *text, size_t length, pb_buffer *out) {
  if (starts_with(text, length, "urn:uuid:"))
    return say(out, pb_check_uuid, "", text + 9, length - 9);
  if (length > 2 && text[0] == '{') return say(out, pb_check_uuid, "", text + 1, length - 2);
  if (length != 32) return false;
  char whole[36];
  size_t size = 0;
  for (size_t i = 0; i < length; i++) {
    if (i == 8 || i == 12 || i == 16 || i == 20) whole[size++] = '-';
    whole[size++] = text[i];
  }
  return say(out, pb_check_uuid, "", whole, size);
}

bool pb_hint_date_time(const char *text, size_t length, pb_buffer *out) {
  char whole[PB_HINT_MAX + 8];
  enum { DATE = 10, SECONDS = 19 }; /* 2026-01-31, and with T12:00:00 */
  memcpy(whole, text, length);
  memcpy(whole + length, "T00:00:00Z", length == DATE ? 10 : 0);
  if (length == DATE && pb_check_date_time(whole, length + 10))
    return pb_buffer_add_text(out, "the time of day is missing");
  if (length < SECONDS) return false;
  whole[DATE] = 'T';
  if (say(out, pb_check_date_time, "", whole, length)) return true;
  /* An offset without its colon. */
  char sign = whole[length - 5];
  if (sign == '+' || sign == '-') {
    memmove(whole + length - 1, whole + length - 2, 2);
    whole[length - 2] = ':';
    return say(out, pb_check_date_time, "", whole, length + 1);
  }
  whole[length] = 'Z';
  return pb_check_date_time(whole, length + 1) &&
         pb_buffer_format(out, "the zone is missing; write \"%.*s\" if it is UTC",
                          (int)(length + 1), whole);
}

bool pb_hint_e164(const char *text, size_t length, pb_buffer *out) {
  enum { LONGEST = 16, NATIONAL = 10 };
  char number[LONGEST + 1] = "+";
  size_t size = 1;
  bool plus = false;
  if (starts_with(text, length, "tel:")) text += 4, length -= 4;
  for (size_t i = 0; i < length; i++) {
    /* "+44 (0)20 ...": the 0 is dialled only from inside the country. */
    if (size > 1 && starts_with(text + i, length - i, "(0)")) {
      i += 2;
    } else if (pb_is_digit(text[i])) {
      if (size == sizeof number) return false;
      number[size++] = text[i];
    } else if (text[i] == '+') {
      if (plus || size > 1) return false;
      plus = true;
    } else if (!strchr(" ()-./", text[i]) || text[i] == '\0') return false;
  }
  if (plus) return say(out, pb_check_e164, "", number, size);
  size_t digits = size - 1;
  /* Most of the world dials "00" for "+". */
  if (starts_with(number, size, "+00")) {
    memmove(number + 1, number + 3, size - 3);
    return say(out, pb_check_e164, "", number, size - 2);
  }
  if (number[1] == '0' || digits <= NATIONAL)
    return digits > 0 && pb_buffer_add_text(out, "it must begin with + and the country code");
  return say(out, pb_check_e164, "", number, size);
}
