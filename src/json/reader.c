#include "json/reader.h"

#include <stdio.h>

#include "base/ascii.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include "json/scan.h"

typedef struct {
  const char *text;
  const char *end;
  pb_json_error *error;
  bool *halves; /* null: half of a surrogate pair is refused; else set where there is one */
} source;

/* The functions below take a position and return the one after the part that they have checked; or null,
 * with the error filled in. */

static const char *refuse_with(const source *s, const char *at, const char *expected,
                               const char *got) {
  s->error->offset = (size_t)(at - s->text) + 1;
  snprintf(s->error->message, sizeof s->error->message, "expected %s at byte %zu, got %s", expected,
           s->error->offset, got);
  return NULL;
}

static const char *refuse(const source *s, const char *at, const char *expected) {
  char got[16];
  if (at >= s->end) return refuse_with(s, at, expected, "the end of the text");
  unsigned char byte = (unsigned char)*at;
  size_t sequence = pb_utf8_sequence(at, (size_t)(s->end - at));
  if (byte == '"') snprintf(got, sizeof got, "'\"'");
  else if (byte < 0x20 || byte == 0x7F || sequence == 0)
    snprintf(got, sizeof got, "byte 0x%02X", byte);
  else snprintf(got, sizeof got, "\"%.*s\"", (int)sequence, at);
  return refuse_with(s, at, expected, got);
}

/* `at` is behind "\u". */
static const char *check_hex(const source *s, const char *at, uint32_t *code) {
  *code = 0;
  for (int i = 0; i < 4; i++, at++) {
    int digit = at < s->end ? pb_ascii_hex_value(*at) : -1;
    if (digit < 0) return refuse(s, at, "four hexadecimal digits after \\u");
    *code = *code << 4 | (uint32_t)digit;
  }
  return at;
}

/* Lets half of a surrogate pair through, which ends at `at`. */
static const char *half(const source *s, const char *at) {
  *s->halves = true;
  return at;
}

/* `at` is behind the backslash. */
static const char *check_escape(const source *s, const char *at) {
  static const char expected[] = "one of \" \\ / b f n r t u after \\";
  if (at == s->end) return refuse(s, at, expected);
  switch (*at) {
  case '"':
  case '\\':
  case '/':
  case 'b':
  case 'f':
  case 'n':
  case 'r':
  case 't':
    return at + 1;
  case 'u':
    break;
  default:
    return refuse(s, at, expected);
  }
  const char *start = at - 1;
  uint32_t code;
  at = check_hex(s, at + 1, &code);
  if (!at || code < 0xD800 || code > 0xDFFF) return at;
  /* UTF-8 has no form for half a surrogate pair. */
  if (code > 0xDBFF) {
    if (s->halves) return half(s, at);
    return refuse_with(s, start, "a character", "the second half of a surrogate pair");
  }
  static const char other_half[] = "the second half of a surrogate pair, \\uDC00 to \\uDFFF,";
  const char *second = at;
  if (s->end - at < 2 || at[0] != '\\' || at[1] != 'u')
    return s->halves ? half(s, at) : refuse(s, at, other_half);
  at = check_hex(s, at + 2, &code);
  if (!at || (code >= 0xDC00 && code <= 0xDFFF)) return at;
  return s->halves ? half(s, second) : refuse_with(s, second, other_half, "another");
}

/* Checks a string with other characters than plain ones, from `at`, the first of these, on. */
static const char *check_odd_string(const source *s, const char *at) {
  for (;;) {
    at = pb_json_skip_plain(at, s->end);
    if (at == s->end) return refuse(s, at, "'\"'");
    if (*at == '"') return at + 1;
    if (*at == '\\') {
      at = check_escape(s, at + 1);
      if (!at) return NULL;
    } else if ((unsigned char)*at < 0x20) {
      return refuse(s, at, "an escape instead of a control character");
    } else {
      size_t sequence = pb_utf8_sequence(at, (size_t)(s->end - at));
      if (sequence == 0) return refuse(s, at, "UTF-8");
      at += sequence;
    }
  }
}

/* `at` is behind the opening quote. */
static inline const char *check_string(const source *s, const char *at) {
  at = pb_json_skip_plain(at, s->end);
  return at < s->end && *at == '"' ? at + 1 : check_odd_string(s, at);
}

static const char *check_word(const source *s, const char *at, const char *word) {
  for (const char *letter = word; *letter; letter++, at++)
    if (at == s->end || *at != *letter) return refuse(s, at, word);
  return at;
}

/* Checks a string, a number or a literal. */
static const char *check_scalar(const source *s, const char *at, const char *expected) {
  if (at == s->end) return refuse(s, at, expected);
  switch (*at) {
  case '"':
    return check_string(s, at + 1);
  case 't':
    return check_word(s, at, "true");
  case 'f':
    return check_word(s, at, "false");
  case 'n':
    return check_word(s, at, "null");
  case '-':
  case '0':
  case '1':
  case '2':
  case '3':
  case '4':
  case '5':
  case '6':
  case '7':
  case '8':
  case '9':
    at = pb_decimal_end(at, s->end, &expected);
    return expected ? refuse(s, at, expected) : at;
  default:
    return refuse(s, at, expected);
  }
}

static const char *check_start(const source *s) {
  size_t length = (size_t)(s->end - s->text);
  if (length > PB_JSON_MAX_LENGTH) {
    s->error->too_large = true;
    s->error->offset = PB_JSON_MAX_LENGTH + 1;
    snprintf(s->error->message, sizeof s->error->message, "longer than %zu bytes",
             PB_JSON_MAX_LENGTH);
    return NULL;
  }
  if (length >= 3 && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0)
    return refuse_with(s, s->text, "a value", "a byte order mark, which JSON does not allow");
  return pb_json_skip_space(s->text, s->end);
}

static const char *refuse_depth(const source *s, const char *at) {
  s->error->offset = (size_t)(at - s->text) + 1;
  snprintf(s->error->message, sizeof s->error->message,
           "arrays and objects nested more than %d deep at byte %zu", PB_JSON_MAX_DEPTH,
           s->error->offset);
  return NULL;
}

static uint32_t most_tables(size_t length) {
  size_t most = length / PB_JSON_TABLE_BYTES;
  return most > PB_JSON_MAX_TABLES ? (uint32_t)most : PB_JSON_MAX_TABLES;
}

static const char *refuse_tables(const source *s, const char *at, uint32_t most) {
  s->error->too_large = true;
  s->error->offset = (size_t)(at - s->text) + 1;
  snprintf(s->error->message, sizeof s->error->message,
           "more than %u arrays and objects at byte %zu", (unsigned)most, s->error->offset);
  return NULL;
}

/* Checks a key and its colon; `at` is where the key must start. Sets `*key_end` to the end of the key, after its
 * closing quote. */
static inline const char *check_key(const source *s, const char *at, const char *expected,
                                    const char **key_end) {
  if (at == s->end || *at != '"') return refuse(s, at, expected);
  at = check_string(s, at + 1);
  if (!at) return NULL;
  *key_end = at;
  at = pb_json_skip_space(at, s->end);
  if (at == s->end || *at != ':') return refuse(s, at, "':'");
  return pb_json_skip_space(at + 1, s->end);
}

/* The position behind the colon where the member at `at` has the likely name, with no white space before the colon;
 * else null. */
static inline const char *behind_likely(const char *at, const char *end, const pb_json_watch *watch,
                                        const char **key_end) {
  const pb_json_name *name = watch->likely;
  if (!name->bytes || (size_t)(end - at) < name->length + 3) return NULL;
  const char *close = at + 1 + name->length;
  if (*at != '"' || *close != '"' || close[1] != ':') return NULL;
  if (!pb_json_same(at + 1, name->bytes, name->length)) return NULL;
  *key_end = close + 1;
  return pb_json_skip_space(close + 2, end);
}

/* A member that is watched, while its value is checked. */
typedef struct {
  const char *name;
  size_t name_length;
  const char *value;
} watched_member;

/* A member whose name with its quotes is from `key` to `key_end`, or is `likely`, which may be null. */
static inline watched_member watched_at(const char *key, const char *key_end, const char *value,
                                        const pb_json_name *likely) {
  if (likely) return (watched_member){likely->bytes, likely->length, value};
  return (watched_member){key + 1, (size_t)(key_end - key) - 2, value};
}

/* Inlined for each of its callers: without a watch nothing of it is left, and with one nothing is counted. */
__attribute__((always_inline)) static inline bool
check_text(const source s, const pb_json_counts *counts, const pb_json_watch *watch) {
  const char *const end = s.end;
  const uint32_t most = most_tables((size_t)(end - s.text));
  const char *expected = "a value";
  /* For each open container: the place of its count, and whether it is an object. */
  const uint32_t OBJECT = UINT32_C(1) << 31, PLACE = OBJECT - 1;
  const uint32_t places = (uint32_t)counts->places;
  uint32_t open[PB_JSON_MAX_DEPTH];
  int depth = 0;
  uint32_t opened = 0;
  uint16_t members = 0; /* of the innermost container; those of the others are in `counts` */
  bool object = false;  /* whether that is one */
  watched_member watched[2];
  int watching = 0;   /* members are watched down to this depth */
  bool inner = false; /* whether the object at depth 2 is watched */
  const char *key, *key_end = NULL;
  s.error->too_large = false;
  const char *at = check_start(&s);
  if (!at) return false;

value:
  if (at < end && (*at == '{' || *at == '[')) {
    object = *at == '{';
    if (watch) {
      if (depth == 0) watching = object ? 1 : 0;
      if (depth == 1 && watching == 1 && object)
        inner = watch->enters(watch->state, watched[0].name, watched[0].name_length);
      if (depth == 1 && inner) watching = 2;
    }
    if (depth == PB_JSON_MAX_DEPTH) return refuse_depth(&s, at);
    if (!watch && depth > 0) counts->members[open[depth - 1] & PLACE] = members;
    open[depth++] = (opened < places ? opened : places) | (object ? OBJECT : 0);
    if (++opened > most) return refuse_tables(&s, at, most);
    members = 0;
    at = pb_json_skip_space(at + 1, end);
    if (at < end && *at == (object ? '}' : ']')) goto close;
    members = 1;
    expected = "a value or ']'";
    if (object) {
      key = at;
      const char *behind =
          watch && depth <= watching ? behind_likely(at, end, watch, &key_end) : NULL;
      at = behind ? behind : check_key(&s, at, "a string or '}'", &key_end);
      if (!at) return false;
      expected = "a value";
      if (watch && depth <= watching)
        watched[depth - 1] = watched_at(key, key_end, at, behind ? watch->likely : NULL);
    }
    goto value;
  }
  /* Most values are strings, for which this saves a call. */
  at = at < end && *at == '"' ? check_string(&s, at + 1) : check_scalar(&s, at, expected);
  if (!at) return false;

after_value:
  if (watch && depth > 0 && depth <= watching) {
    const watched_member *m = &watched[depth - 1];
    watch->member(watch->state, depth == 2, m->name, m->name_length, m->value,
                  (size_t)(at - m->value));
  }
  at = pb_json_skip_space(at, end);
  if (depth == 0) return at == end || refuse(&s, at, "the end of the text");
  if (at < end && *at == ',') {
    if (!watch) members = (uint16_t)(members + (members < UINT16_MAX));
    at = pb_json_skip_space(at + 1, end);
    expected = "a value";
    if (object) {
      key = at;
      const char *behind =
          watch && depth <= watching ? behind_likely(at, end, watch, &key_end) : NULL;
      at = behind ? behind : check_key(&s, at, "a string", &key_end);
      if (!at) return false;
      if (watch && depth <= watching)
        watched[depth - 1] = watched_at(key, key_end, at, behind ? watch->likely : NULL);
    }
    goto value;
  }
  if (at == end || *at != (object ? '}' : ']'))
    return refuse(&s, at, object ? "',' or '}'" : "',' or ']'");

close:
  if (watch && depth == 2 && inner) {
    inner = false;
    watching = 1;
  }
  depth--;
  if (!watch) counts->members[open[depth] & PLACE] = members;
  if (depth > 0) {
    object = open[depth - 1] & OBJECT;
    if (!watch) members = counts->members[open[depth - 1] & PLACE];
  }
  at++;
  goto after_value;
}

size_t pb_json_most_containers(const char *text, size_t length) {
  size_t count = 0;
  /* In counts of a byte, which compilers add up sixteen at a time. */
  enum { BLOCK = 128 };
  for (size_t at = 0; at < length; at += BLOCK) {
    size_t end = length - at < BLOCK ? length : at + BLOCK;
    uint8_t in_block = 0;
    for (size_t i = at; i < end; i++)
      in_block = (uint8_t)(in_block + ((text[i] == '{') | (text[i] == '[')));
    count += in_block;
  }
  size_t most = most_tables(length);
  return count < most ? count : most;
}

bool pb_json_check_counting(const char *text, size_t length, bool *halves,
                            const pb_json_counts *counts, pb_json_error *error) {
  return check_text((source){text, text + length, error, halves}, counts, NULL);
}

bool pb_json_check_watching(const char *text, size_t length, const pb_json_watch *watch,
                            pb_json_error *error) {
  const pb_json_counts none = {.members = NULL};
  bool halves = false;
  return check_text((source){text, text + length, error, &halves}, &none, watch);
}

bool pb_json_check(const char *text, size_t length, bool *halves, pb_json_error *error) {
  uint16_t scratch;
  const pb_json_counts none = {.members = &scratch};
  return pb_json_check_counting(text, length, halves, &none, error);
}
