#include "schema/uri_normal.h"

#include <string.h>

#include "base/ascii.h"
#include "base/percent.h"

static bool is_letter(char c) {
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'z';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Section 6.2.2: an unreserved character is never escaped, the digits of other escapes are capital
 * letters, and the host's letters are small ones. */
static bool add_part(const char *at, const char *end, bool host, pb_buffer *out) {
  while (at < end) {
    char c = *at++;
    if (c == '%' && end - at >= 2 && pb_ascii_hex_value(at[0]) >= 0 &&
        pb_ascii_hex_value(at[1]) >= 0) {
      int code = pb_ascii_hex_value(at[0]) * 16 + pb_ascii_hex_value(at[1]);
      at += 2;
      char meant = (char)code;
      if (code < 0x80 && (pb_ascii_is_alphanumeric(meant) || (meant && strchr("-._~", meant)))) {
        c = meant;
      } else {
        if (!pb_percent_add(out, (unsigned char)code)) return false;
        continue;
      }
    }
    if (!pb_buffer_add_char(out, host ? pb_ascii_lower(c) : c)) return false;
  }
  return true;
}

/* Section 5.2.4, in place: `path` is what has been appended from there on, and begins with '/'. */
static void remove_dot_segments(pb_buffer *out, size_t path) {
  char *to = out->data + path;
  const char *start = to, *at = to, *end = out->data + out->length;
  while (at < end) {
    const char *next = at + 1;
    while (next < end && *next != '/') next++;
    size_t length = (size_t)(next - at - 1);
    bool dots = length > 0 && length <= 2 && at[1] == '.' && at[length] == '.';
    if (!dots) {
      memmove(to, at, (size_t)(next - at));
      to += next - at;
    } else {
      if (length == 2)
        while (to > start && *--to != '/') {
        }
      /* The last segment leaves its slash. */
      if (next == end) *to++ = '/';
    }
    at = next;
  }
  out->length = (size_t)(to - out->data);
}

/* The port that a scheme has without one; "" for a scheme that is not known here. */
static const char *default_port(const char *scheme, size_t length) {
  static const char *const ports[][2] = {
      {"http", "80"}, {"https", "443"}, {"ws", "80"}, {"wss", "443"}, {"ftp", "21"}};
  for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
    if (strlen(ports[i][0]) == length && memcmp(ports[i][0], scheme, length) == 0)
      return ports[i][1];
  return "";
}

/* [ userinfo "@" ] host [ ":" port ] */
static bool add_authority(const char *at, const char *end, const char *usual_port, pb_buffer *out) {
  const char *sign = memchr(at, '@', (size_t)(end - at));
  if (sign) {
    if (!add_part(at, sign + 1, false, out)) return false;
    at = sign + 1;
  }
  const char *port = end;
  while (port > at && is_digit(port[-1])) port--;
  bool has_port = port > at && port[-1] == ':';
  if (!add_part(at, has_port ? port - 1 : end, true, out)) return false;
  size_t length = (size_t)(end - port);
  if (!has_port || length == 0) return true;
  if (length == strlen(usual_port) && memcmp(port, usual_port, length) == 0) return true;
  return pb_buffer_add_char(out, ':') && pb_buffer_add(out, port, length);
}

bool pb_normalize_uri(const char *text, size_t length, pb_buffer *out) {
  const char *at = text, *end = text + length;
  if (length == 0 || !is_letter(*at)) return false;
  while (at < end && (pb_ascii_is_alphanumeric(*at) || (*at && strchr("+-.", *at)))) at++;
  if (at == end || *at != ':') return false;
  size_t scheme = out->length, scheme_length = (size_t)(at - text);
  if (!add_part(text, ++at, true, out)) return false;
  bool authority = end - at >= 2 && at[0] == '/' && at[1] == '/';
  if (authority) {
    const char *start = at + 2;
    at = start;
    while (at < end && !strchr("/?#", *at)) at++;
    const char *usual_port = default_port(out->data + scheme, scheme_length);
    if (!pb_buffer_add_text(out, "//") || !add_authority(start, at, usual_port, out)) return false;
  }
  size_t path = out->length;
  const char *start = at;
  while (at < end && *at != '?' && *at != '#') at++;
  if (authority && at == start) {
    if (!pb_buffer_add_char(out, '/')) return false;
  } else if (!add_part(start, at, false, out)) {
    return false;
  }
  if (out->length > path && out->data[path] == '/') remove_dot_segments(out, path);
  return add_part(at, end, false, out);
}
