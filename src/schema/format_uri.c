/* RFC 3986's URI: scheme ":" hier-part [ "?" query ] [ "#" fragment ]. */

#include <string.h>

#include "schema/format_checks.h"

/* The unreserved characters and sub-delims, which may stand anywhere after the scheme. */
static inline bool is_plain(char c) {
  if (pb_is_letter(c) || pb_is_digit(c)) return true;
  switch (c) {
  case '-':
  case '.':
  case '_':
  case '~':
  case '!':
  case '$':
  case '&':
  case '\'':
  case '(':
  case ')':
  case '*':
  case '+':
  case ',':
  case ';':
  case '=':
    return true;
  default:
    return false;
  }
}

/* Skips plain characters, percent escapes and the characters of `more`; returns the position where it
 * stops. */
static const char *skip(const char *at, const char *end, const char *more) {
  for (; at < end; at++) {
    if (is_plain(*at)) continue;
    if (*at == '%') {
      if (end - at < 3 || !pb_is_hex(at[1]) || !pb_is_hex(at[2])) break;
      at += 2;
    } else if (*at == '\0' || !strchr(more, *at)) {
      break;
    }
  }
  return at;
}

/* The text in brackets: an IPv6 address, or IPvFuture (v1.something). */
static bool is_ip_literal(const char *at, const char *end) {
  if (pb_check_ipv6(at, (size_t)(end - at))) return true;
  if (at == end || (*at != 'v' && *at != 'V')) return false;
  const char *version = ++at;
  while (at < end && pb_is_hex(*at)) at++;
  if (at == version || at == end || *at != '.') return false;
  const char *address = ++at;
  while (at < end && (is_plain(*at) || *at == ':')) at++;
  return at > address && at == end;
}

/* Digits, or nothing. */
static bool is_port(const char *at, const char *end) {
  long value = 0;
  for (; at < end && pb_is_digit(*at); at++)
    if (value <= 65535) value = value * 10 + (*at - '0');
  return at == end && value <= 65535;
}

/* [ userinfo "@" ] host [ ":" port ] */
static bool is_authority(const char *at, const char *end, bool needs_host) {
  const char *sign = at < end ? memchr(at, '@', (size_t)(end - at)) : NULL;
  if (sign) {
    if (skip(at, sign, ":") != sign) return false;
    at = sign + 1;
  }
  const char *host = at;
  if (at < end && *at == '[') {
    const char *close = memchr(at, ']', (size_t)(end - at));
    if (!close || !is_ip_literal(at + 1, close)) return false;
    at = close + 1;
  } else {
    at = skip(at, end, "");
  }
  if (at == host && needs_host) return false;
  return at == end || (*at == ':' && is_port(at + 1, end));
}

/* RFC 3261 puts a host after "sip:" without "//". To RFC 3986 that is a path, which cannot have brackets.
 * Returns the end of the host if it is in brackets, else `at`. */
static const char *skip_sip_brackets(const char *at, const char *end) {
  const char *user = skip(at, end, ":/?");
  const char *host = user < end && *user == '@' ? user + 1 : at;
  if (host == end || *host != '[') return at;
  const char *close = memchr(host, ']', (size_t)(end - host));
  return close && is_ip_literal(host + 1, close) ? close + 1 : at;
}

/* Schemes with rules of their own. */
typedef enum { ANY_SCHEME, NEEDS_HOST, SIP } scheme;

static scheme scheme_of(const char *at, size_t length) {
  static const struct {
    const char *name;
    size_t length;
    scheme scheme;
  } schemes[] = {{"https", 5, NEEDS_HOST}, {"wss", 3, NEEDS_HOST}, {"sip", 3, SIP},
                 {"http", 4, NEEDS_HOST},  {"ws", 2, NEEDS_HOST},  {"sips", 4, SIP}};
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (schemes[i].length != length) continue;
    size_t same = 0; /* in either letter case: the bit is set in all other characters of a scheme */
    while (same < length && (at[same] | 0x20) == schemes[i].name[same]) same++;
    if (same == length) return schemes[i].scheme;
  }
  return ANY_SCHEME;
}

bool pb_check_uri(const char *text, size_t length) {
  const char *at = text, *end = text + length;
  if (length == 0 || !pb_is_letter(*at)) return false;
  while (at < end && (pb_is_letter(*at) || pb_is_digit(*at) || (*at && strchr("+-.", *at)))) at++;
  if (at == end || *at != ':') return false;
  scheme kind = scheme_of(text, (size_t)(at - text));
  at++;
  if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
    const char *authority = at += 2;
    at = skip(at, end, ""); /* nearly every authority is only a host of plain characters */
    bool host = at > authority || kind != NEEDS_HOST;
    if (!host || (at < end && *at != '/')) {
      while (at < end && *at != '/' && *at != '?' && *at != '#') at++;
      if (!is_authority(authority, at, kind == NEEDS_HOST)) return false;
    }
  } else if (kind == NEEDS_HOST) {
    return false;
  } else if (kind == SIP) {
    at = skip_sip_brackets(at, end);
  }
  at = skip(at, end, ":@/");
  if (at < end && *at == '?') at = skip(at + 1, end, ":@/?");
  if (at < end && *at == '#') at = skip(at + 1, end, ":@/?");
  return at == end;
}
