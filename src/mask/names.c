#include "mask/names.h"

#include <string.h>

#include "mask/form_names.h"
#include "mask/unescape.h"
#include "json/find.h"
#include "json/reader.h"
#include "json/scan.h"

/* JSON in a string of JSON in a string of JSON: nothing is searched for deeper than that. */
enum { MOST_LAYERS = 4 };

/* The end of a value of JSON that is no string: of an object or a list its bracket. */
static const char *end_of_value(const char *at, const char *end) {
  size_t depth = 0;
  while (at < end) {
    bool escaped;
    const char *close;
    switch (*at) {
    case '"':
      close = pb_json_closing_quote(at + 1, end, &escaped);
      at = close ? close : end - 1;
      break;
    case '{':
    case '[':
      depth++;
      break;
    case '}':
    case ']':
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
      break;
    case ',':
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      if (depth == 0) return at;
      break;
    default:
      break;
    }
    at++;
  }
  return end;
}

static bool find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges,
                 int layer);

/* Looks into a string, which may have JSON in it: from `start` up to `end` of `text`. */
static void find_within(const pb_names *names, const char *text, size_t start, size_t end,
                        pb_ranges *ranges, int layer) {
  pb_plain plain;
  if (layer >= MOST_LAYERS) return;
  if (!pb_unescape(text + start, end - start, &plain)) {
    ranges->failed |= plain.failed;
    return;
  }
  pb_ranges inner = {.list = NULL};
  find(names, plain.text, plain.length, &inner, layer + 1);
  for (size_t i = 0; i < inner.count; i++) {
    size_t from = inner.list[i].start, to = inner.list[i].end;
    pb_plain_source(&plain, &from, &to);
    /* Quotes would have to be escaped here. */
    pb_ranges_add(ranges, start + from, start + to, false);
  }
  ranges->failed |= inner.failed;
  pb_ranges_free(&inner);
  pb_plain_free(&plain);
}

/* Whether the name between quotes, `escaped` or not, is a secret's. */
static bool is_secret_name(const pb_names *names, const char *name, size_t length, bool escaped) {
  char plain[PB_LONGEST_NAME * 6];
  if (!escaped) return pb_names_has(names, name, length);
  return length <= sizeof plain &&
         pb_names_has(names, plain, pb_json_unescape(name, length, plain));
}

static void find_in_json(const pb_names *names, const char *text, size_t length, pb_ranges *ranges,
                         int layer) {
  const char *end = text + length, *at = text;
  while (at < end) {
    at = memchr(at, '"', (size_t)(end - at));
    if (!at) return;
    bool escaped;
    const char *string = at + 1, *close = pb_json_closing_quote(string, end, &escaped);
    if (!close) return;
    at = pb_json_skip_space(close + 1, end);
    if (at == end || *at != ':') {
      /* A value. A quote in it is needed for JSON. */
      if (escaped)
        find_within(names, text, (size_t)(string - text), (size_t)(close - text), ranges, layer);
      continue;
    }
    if (!is_secret_name(names, string, (size_t)(close - string), escaped)) continue;
    at = pb_json_skip_space(at + 1, end);
    if (at == end || *at == 'n') continue; /* null */
    size_t start = (size_t)(at - text);
    if (*at == '"') {
      close = pb_json_closing_quote(at + 1, end, &escaped);
      if (!close) return;
      pb_ranges_add(ranges, start + 1, (size_t)(close - text), false);
      at = close + 1;
    } else {
      at = end_of_value(at, end);
      pb_ranges_add(ranges, start, (size_t)(at - text), true);
    }
  }
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The end of a value in text that is no JSON; `*at` becomes its start. */
static const char *end_in_text(const char **at, const char *end) {
  bool escaped;
  if (**at == '"') {
    ++*at;
    const char *close = pb_json_closing_quote(*at, end, &escaped);
    return close ? close : end;
  }
  if (**at == '{' || **at == '[') return end;
  const char *stop = *at;
  while (stop < end && (*stop == '\0' || !strchr(",}] \t\r\n\v\f", *stop))) stop++;
  return stop;
}

static void find_in_text(const pb_names *names, const char *text, size_t length,
                         pb_ranges *ranges) {
  const char *end = text + length, *at = text;
  /* Each stretch between two quotes is looked at once: either may be the first or the last of a name. */
  while (at < end && (at = memchr(at, '"', (size_t)(end - at)))) {
    const char *name = ++at, *close = at < end ? memchr(at, '"', (size_t)(end - at)) : NULL;
    if (!close) return;
    at = close;
    if (!pb_names_has(names, name, (size_t)(close - name))) continue;
    const char *value = close + 1;
    while (value < end && is_blank(*value)) value++;
    if (value == end || *value != ':') continue;
    value++;
    while (value < end && is_blank(*value)) value++;
    if (value == end) {
      pb_ranges_add(ranges, length, length, false);
      return;
    }
    at = end_in_text(&value, end);
    pb_ranges_add(ranges, (size_t)(value - text), (size_t)(at - text), false);
    if (at < end && *at == '"') at++;
  }
}

static bool find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges,
                 int layer) {
  const char *first = pb_json_skip_space(text, text + length);
  pb_json_error error;
  bool halves;
  bool json = first < text + length && (*first == '{' || *first == '[') &&
              pb_json_check(text, length, &halves, &error);
  if (json) find_in_json(names, text, length, ranges, layer);
  else find_in_text(names, text, length, ranges);
  return json;
}

bool pb_names_find(const pb_names *names, const char *text, size_t length, pb_ranges *ranges) {
  pb_form_names_find(names, text, length, ranges);
  return find(names, text, length, ranges, 0);
}
