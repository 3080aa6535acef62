#include "base/userinfo.h"

/* Bytes of a password with a slash in it that are looked at. An address is no longer than a few of these, and
 * each "://" of a text costs so much at most. */
enum { LONGEST_ODD = 256 };

static bool ends_address(char c) {
  return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '\\' ||
         c == '\x7F';
}

/* The end of the userinfo that begins at `start`, behind "//": the last "@" before the path. 0: none. */
static size_t end_of_userinfo(const char *text, size_t length, size_t start) {
  size_t at = start, sign = 0, colon = 0;
  for (; at < length && !ends_address(text[at]) && !strchr("/?#", text[at]); at++) {
    if (text[at] == '@') sign = at;
    if (text[at] == ':' && !colon) colon = at;
  }
  if (sign) return sign;
  /* Digits after the colon are a port. Otherwise it begins a password that has a slash in it. */
  if (!colon || text[start] == '[') return 0;
  size_t digits = colon + 1;
  while (digits < at && text[digits] >= '0' && text[digits] <= '9') digits++;
  if (digits == at) return 0;
  size_t last = length - at > LONGEST_ODD ? at + LONGEST_ODD : length;
  for (; at < last && !ends_address(text[at]); at++)
    if (text[at] == '@') return at;
  return 0;
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether the colon at `at` ends the scheme "sip" or "sips". */
static bool ends_sip(const char *text, size_t at) {
  size_t from = at;
  while (from > 0 && at - from < 5 && is_letter(text[from - 1])) from--;
  size_t length = at - from;
  static const char name[] = "sips";
  if (length != 3 && length != 4) return false;
  for (size_t i = 0; i < length; i++)
    if ((text[from + i] | 0x20) != name[i]) return false;
  return true;
}

/* The password of "sip:user:password@host", whose user begins at `from`. */
static bool sip_password(const char *text, size_t length, size_t from, size_t *start, size_t *end) {
  size_t last = length - from > LONGEST_ODD ? from + LONGEST_ODD : length;
  *start = 0;
  for (size_t at = from; at < last && !ends_address(text[at]); at++) {
    if (text[at] == ':' && !*start) *start = at + 1;
    if (text[at] != '@') continue;
    *end = at;
    return *start > 0 && *end > *start;
  }
  return false;
}

bool pb_userinfo_find(const char *text, size_t length, size_t from, size_t *start, size_t *end) {
  while (from < length) {
    const char *colon = memchr(text + from, ':', length - from);
    if (!colon) return false;
    size_t at = (size_t)(colon - text);
    from = at + 1;
    if (length - at > 2 && text[at + 1] == '/' && text[at + 2] == '/') {
      *start = at + 3;
      *end = end_of_userinfo(text, length, *start);
      if (*end > *start) return true;
    } else if (ends_sip(text, at) && sip_password(text, length, from, start, end)) {
      return true;
    }
  }
  return false;
}

void pb_userinfo_hide(pb_buffer *buffer, size_t from) {
  static const char mask[] = "***";
  enum { LENGTH = sizeof mask - 1 };
  size_t start, end;
  while (pb_userinfo_find(buffer->data, buffer->length, from, &start, &end)) {
    size_t rest = buffer->length - end, taken = end - start;
    /* Without room for the mask the text ends before it. */
    if (taken < LENGTH && !pb_buffer_reserve(buffer, LENGTH - taken)) {
      buffer->length = start;
      return;
    }
    memmove(buffer->data + start + LENGTH, buffer->data + end, rest);
    memcpy(buffer->data + start, mask, LENGTH);
    buffer->length = start + LENGTH + rest;
    from = start + LENGTH;
  }
}
