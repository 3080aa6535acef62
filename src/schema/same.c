#include "schema/same.h"

#include <string.h>

#include "base/ascii.h"
#include "base/userinfo.h"
#include "schema/uri_normal.h"

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_same_but_for_case(const char *a, size_t a_length, const char *b, size_t b_length) {
  return a_length == b_length && pb_ascii_same(a, b, a_length);
}

pb_text pb_trimmed(const char *text, size_t length) {
  while (length > 0 && is_blank(*text)) text++, length--;
  while (length > 0 && is_blank(text[length - 1])) length--;
  return (pb_text){.bytes = text, .length = length};
}

/* The next digit of a phone number from `*at` on; 0 at its end, and -1 for what no number has. */
static int next_digit(const char **at, const char *end) {
  while (*at < end) {
    char c = *(*at)++;
    if (c >= '0' && c <= '9') return c;
    if (c == '\0' || !strchr("+-.() /\t", c)) return -1;
  }
  return 0;
}

/* Behind the scheme of an address of a telephone (RFC 3966). */
static const char *behind_tel(const pb_text *text) {
  bool tel = text->length > 4 && pb_ascii_same(text->bytes, "tel:", 4);
  return text->bytes + (tel ? 4 : 0);
}

/* No country is guessed: 8018018011 is not +18018018011. */
static bool is_same_phone(const pb_text *a, const pb_text *b) {
  const char *a_at = behind_tel(a), *b_at = behind_tel(b);
  for (bool any = false;; any = true) {
    int a_digit = next_digit(&a_at, a->bytes + a->length);
    int b_digit = next_digit(&b_at, b->bytes + b->length);
    if (a_digit != b_digit || a_digit < 0) return false;
    if (a_digit == 0) return any;
  }
}

/* Longer addresses are compared as they are. */
enum { LONGEST_URI = 2048 };

static bool is_same_uri(const pb_text *a, const pb_text *b) {
  char a_room[LONGEST_URI], b_room[LONGEST_URI];
  pb_buffer a_normal, b_normal;
  pb_buffer_init_fixed(&a_normal, a_room, sizeof a_room);
  pb_buffer_init_fixed(&b_normal, b_room, sizeof b_room);
  return pb_normalize_uri(a->bytes, a->length, &a_normal) &&
         pb_normalize_uri(b->bytes, b->length, &b_normal) && a_normal.length == b_normal.length &&
         memcmp(a_room, b_room, a_normal.length) == 0;
}

bool pb_same_text(const pb_schema *schema, const char *a_bytes, size_t a_length,
                  const char *b_bytes, size_t b_length) {
  pb_text a = {a_bytes, a_length}, b = {b_bytes, b_length};
  if (!schema || !schema->secret) {
    a = pb_trimmed(a_bytes, a_length);
    b = pb_trimmed(b_bytes, b_length);
  }
  if (a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0) return true;
  if (!schema || schema->secret) return false;
  if (schema->enumeration_count > 0)
    return is_same_but_for_case(a.bytes, a.length, b.bytes, b.length);
  if (schema->phone) return is_same_phone(&a, &b);
  if (schema->address) return is_same_uri(&a, &b);
  return schema->format && pb_format_same(schema->format, a.bytes, a.length, b.bytes, b.length);
}

int pb_boolean_in_text(const char *bytes, size_t length) {
  pb_text text = pb_trimmed(bytes, length);
  if (is_same_but_for_case(text.bytes, text.length, "true", 4)) return 1;
  if (is_same_but_for_case(text.bytes, text.length, "false", 5)) return 0;
  if (text.length == 1 && (*text.bytes == '1' || *text.bytes == '0')) return *text.bytes - '0';
  return -1;
}

const pb_text *pb_enumerated(const pb_schema *schema, const char *bytes, size_t length) {
  pb_text text = pb_trimmed(bytes, length);
  for (size_t i = 0; i < schema->enumeration_count; i++) {
    const pb_text *value = &schema->enumeration[i];
    if (is_same_but_for_case(text.bytes, text.length, value->bytes, value->length)) return value;
  }
  return NULL;
}

/* The length of the mask character at `at`: `*`, U+2022, U+25CF, or `x` in either letter case where
 * `letters`; 0 for any other. */
static size_t mask_length(const char *at, const char *end, bool letters) {
  if (*at == '*' || (letters && pb_ascii_lower(*at) == 'x')) return 1;
  if (end - at < 3) return 0;
  return memcmp(at, "\xE2\x80\xA2", 3) == 0 || (letters && memcmp(at, "\xE2\x97\x8F", 3) == 0) ? 3
                                                                                               : 0;
}

/* The least number of mask characters in a row that are a mask: in a secret, which may keep some of its
 * characters; and as the whole of another text, where feature codes have fewer (`*97`, `***`). */
enum { MASKED_SECRET = 3, MASKED_TEXT = 4 };

/* Whether the letters of the text are a word that stands in place of a secret: "[REDACTED]", "$encrypted$". */
static bool is_word_of_mask(const char *text, size_t length) {
  static const char *const words[] = {"redacted", "encrypted", "hidden",
                                      "masked",   "filtered",  "obfuscated"};
  enum { LONGEST_WORD = 10 };
  char letters[LONGEST_WORD + 1];
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    char c = pb_ascii_lower(text[i]);
    if (c >= '0' && c <= '9') return false;
    if (c < 'a' || c > 'z') continue;
    if (count == LONGEST_WORD) return false;
    letters[count++] = c;
  }
  letters[count] = '\0';
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(letters, words[i]) == 0) return true;
  return false;
}

/* Whether the text is one character of punctuation over and over: "--------". */
static bool repeats_one_mark(const char *text, size_t length) {
  if (length < MASKED_SECRET || !strchr("-#._~=+$%&@!?/", *text) || *text == '\0') return false;
  for (size_t i = 1; i < length; i++)
    if (text[i] != *text) return false;
  return true;
}

static bool is_masked_secret(const char *text, size_t length) {
  if (repeats_one_mark(text, length) || is_word_of_mask(text, length)) return true;
  const char *at = text, *end = text + length;
  for (size_t row = 0; at < end;) {
    size_t step = mask_length(at, end, true);
    row = step > 0 ? row + 1 : 0;
    if (row == MASKED_SECRET) return true;
    at += step > 0 ? step : 1;
  }
  return false;
}

/* Whether an address in the text has a password that is masked: "https://user:****@host/". */
static bool has_masked_password(const char *text, size_t length) {
  size_t start, end;
  if (!memchr(text, '@', length)) return false;
  for (size_t from = 0; pb_userinfo_find(text, length, from, &start, &end); from = end) {
    const char *colon = memchr(text + start, ':', end - start);
    if (colon) start = (size_t)(colon - text) + 1;
    if (is_masked_secret(text + start, end - start)) return true;
  }
  return false;
}

bool pb_is_mask(const char *text, size_t length, bool secret) {
  if (secret) return is_masked_secret(text, length);
  const char *at = text, *end = text + length;
  size_t row = 0, step = 0;
  for (; at < end && (step = mask_length(at, end, false)) > 0; at += step) row++;
  return at == end ? row >= MASKED_TEXT : has_masked_password(text, length);
}

bool pb_is_withheld(const pb_schema *schema) {
  return schema->secret && schema->echo == PB_ECHO_NONE;
}

bool pb_names_secret(const char *name, size_t length) {
  /* Anywhere in the name, in whatever letter case, and without what joins its words. */
  static const char *const words[] = {"password",   "passwd",    "passphrase", "passcode",
                                      "secret",     "token",     "credential", "apikey",
                                      "privatekey", "accesskey", "authkey"};
  enum { LONGEST_NAME = 64 };
  char plain[LONGEST_NAME + 1];
  size_t count = 0;
  for (size_t i = 0; i < length && count < LONGEST_NAME; i++)
    if (name[i] != '_' && name[i] != '-' && name[i] != ' ')
      plain[count++] = pb_ascii_lower(name[i]);
  plain[count] = '\0';
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strstr(plain, words[i])) return true;
  /* "pin" is a part of too many words: it has to be the last one of its own. */
  if (count < 3 || memcmp(plain + count - 3, "pin", 3) != 0) return false;
  return count == 3 || name[length - 3] == 'P' || (length > 3 && strchr("_- ", name[length - 4]));
}
