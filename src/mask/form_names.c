#include "mask/form_names.h"

#include <string.h>

#include "base/ascii.h"

static bool ends(char c, const char *delimiters) {
  return (unsigned char)c <= ' ' || strchr(delimiters, c) != NULL;
}

/* Whether the name as it stands in a form, with its escapes, is a secret's. */
static bool is_secret_name(const pb_names *names, const char *at, const char *end) {
  char plain[PB_LONGEST_NAME];
  size_t length = 0;
  while (at < end) {
    if (length == sizeof plain) return false;
    int high = *at == '%' && end - at > 2 ? pb_ascii_hex_value(at[1]) : -1;
    int low = high >= 0 ? pb_ascii_hex_value(at[2]) : -1;
    plain[length++] = low >= 0 ? (char)(high * 16 + low) : *at == '+' ? ' ' : *at;
    at += low >= 0 ? 3 : 1;
  }
  return pb_names_has(names, plain, length);
}

void pb_form_names_find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges) {
  const char *end = text + length;
  for (const char *at = text; (at = memchr(at, '=', (size_t)(end - at))); at++) {
    const char *name = at, *value = at + 1, *stop = value;
    while (name > text && at - name <= 3 * PB_LONGEST_NAME && !ends(name[-1], "&?;=\"'{,(<>"))
      name--;
    if (name == at || !is_secret_name(names, name, at)) continue;
    /* In a string of JSON a quote may be escaped. */
    while (stop < end && !ends(*stop, "&\"<>") &&
           !(*stop == '\\' && end - stop > 1 && stop[1] == '"'))
      stop++;
    if (stop > value) pb_ranges_add(ranges, (size_t)(value - text), (size_t)(stop - text), false);
  }
}
