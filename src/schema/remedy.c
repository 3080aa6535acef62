/* Proposals for text that breaks a rule. Every proposal has passed the check. */

#include "schema/remedy.h"

#include "base/invisible.h"
#include "base/suggest.h"
#include "base/userinfo.h"
#include "schema/format_checks.h"

/* Appends `<reason>write "<text>"` if `text` passes. */
static bool propose(const pb_schema *schema, const char *reason, const char *text, size_t length,
                    pb_buffer *message) {
  return length > 0 && pb_schema_string_good(schema, text, length) &&
         pb_buffer_format(message, "%swrite \"%.*s\"", reason, (int)length, text);
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool propose_trimmed(const pb_schema *schema, const char *text, size_t length,
                            pb_buffer *message) {
  const char *from = text, *end = text + length;
  while (from < end && is_blank(*from)) from++;
  while (end > from && is_blank(end[-1])) end--;
  return (size_t)(end - from) < length &&
         propose(schema, "; there is white space around it; ", from, (size_t)(end - from), message);
}

/* A number as it is dialled inside the country, without its 0, where the field's pattern begins with the country
 * code: "412345678" for "^614" is 61412345678. */
static bool propose_national(const pb_schema *schema, const char *rest, size_t length,
                             pb_buffer *message) {
  enum { LONGEST_CODE = 3 };
  char number[PB_HINT_MAX + LONGEST_CODE];
  const char *pattern = schema->pattern_text.bytes;
  if (!pattern || *pattern++ != '^') return false;
  for (size_t code = 1; code <= LONGEST_CODE && pb_is_digit(pattern[code - 1]); code++) {
    if (!pb_is_digit(pattern[code]) || pattern[code] != rest[0]) continue;
    memcpy(number, pattern, code);
    memcpy(number + code, rest, length);
    return propose(schema, "; ", number, code + length, message);
  }
  return false;
}

/* The digits alone: "+61 412 345 678" for a field of digits. */
static bool propose_digits(const pb_schema *schema, const char *text, size_t length,
                           pb_buffer *message) {
  char digits[PB_HINT_MAX];
  size_t size = 0;
  for (size_t i = 0; i < length; i++) {
    if (pb_is_digit(text[i])) digits[size++] = text[i];
    else if (!strchr("+ ()-./:", text[i]) || text[i] == '\0') return false;
  }
  enum { SHORTEST = 7 }; /* of fewer digits it is no phone number */
  if (size < SHORTEST) return false;
  if (size < length && propose(schema, "; ", digits, size, message)) return true;
  return digits[0] == '0' && propose_national(schema, digits + 1, size - 1, message);
}

/* In the other letter case, as ids are copied out of logs. */
static bool propose_case(const pb_schema *schema, const char *text, size_t length,
                         pb_buffer *message) {
  char other[PB_HINT_MAX];
  size_t dash = 0;
  while (dash < length && text[dash] != '-') dash++;
  if (dash == length) return false;
  /* The prefix alone, as in CRID-509de94f. */
  memcpy(other, text, length);
  for (size_t i = 0; i < dash; i++)
    if (other[i] >= 'a' && other[i] <= 'z') other[i] = (char)(other[i] - 'a' + 'A');
  return propose(schema, "; ", other, length, message);
}

/* With the scheme that the field wants, instead of another one or of none. */
static bool propose_scheme(const pb_schema *schema, const char *text, size_t length,
                           pb_buffer *message) {
  char whole[2 * PB_HINT_MAX];
  const pb_text *scheme = &schema->scheme;
  if (scheme->length == 0 || scheme->length + length + 3 > sizeof whole) return false;
  size_t rest = 0;
  while (rest < length && pb_is_letter(text[rest])) rest++;
  if (rest == 0 || rest == length || text[rest] != ':') rest = 0; /* no scheme */
  else rest++;
  while (rest < length && text[rest] == '/') rest++;
  memcpy(whole, scheme->bytes, scheme->length);
  memcpy(whole + scheme->length, "://", 3);
  memcpy(whole + scheme->length + 3, text + rest, length - rest);
  return propose(schema, "; ", whole, scheme->length + 3 + length - rest, message);
}

static bool propose_anything(const pb_schema *schema, const char *text, size_t length,
                             pb_buffer *message) {
  return propose_trimmed(schema, text, length, message) ||
         propose_scheme(schema, text, length, message) ||
         propose_digits(schema, text, length, message) ||
         propose_case(schema, text, length, message);
}

static void suggest_enumerated(const pb_schema *schema, const char *text, size_t length,
                               pb_buffer *message) {
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, text, length);
  for (size_t i = 0; i < schema->enumeration_count; i++)
    pb_suggest_offer(&suggestion, schema->enumeration[i].bytes, schema->enumeration[i].length);
  pb_suggest_append(&suggestion, message);
}

void pb_schema_add_remedy(const pb_schema *schema, const char *text, size_t length,
                          pb_buffer *message) {
  size_t before = message->length;
  char visible[PB_HINT_MAX];
  uint32_t code;
  if (pb_invisible_find(text, length, &code) < length) {
    pb_buffer_format(message, "; it contains U+%04X, a character that cannot be seen",
                     (unsigned)code);
    if (length > sizeof visible) return;
    length = pb_invisible_strip(text, length, visible);
    text = visible;
    propose(schema, "; ", text, length, message);
  } else if (length <= PB_HINT_MAX && propose_anything(schema, text, length, message)) {
  } else if (schema->enumeration_count > 0) {
    suggest_enumerated(schema, text, length, message);
  } else if (schema->format && !schema->scheme.length &&
             !pb_format_check(schema->format, text, length)) {
    pb_buffer_add_text(message, "; ");
    if (!pb_format_hint(schema->format, text, length, message)) pb_buffer_cut(message, before);
  } else if (schema->scheme.length) {
    const char *wrong = pb_uri_problem(text, length);
    if (wrong) pb_buffer_format(message, "; %s", wrong);
  }
  pb_userinfo_hide(message, before);
}
