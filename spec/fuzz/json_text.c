/* The JSON reader against RFC 8259's grammar, said once more as a recursive descent; and members, which are found
 * without reading beyond the text even where it is not JSON. */

#include "fuzz.h"

#include "base/utf8.h"
#include "json/find.h"
#include "json/reader.h"
#include "json/scan.h"

typedef struct {
  const uint8_t *at, *end;
} cursor;

static bool is_next(const cursor *in, char byte) {
  return in->at < in->end && *in->at == (uint8_t)byte;
}

static bool take(cursor *in, const char *text) {
  size_t length = strlen(text);
  if ((size_t)(in->end - in->at) < length || memcmp(in->at, text, length) != 0) return false;
  in->at += length;
  return true;
}

static void skip_space(cursor *in) {
  while (in->at < in->end &&
         (*in->at == 0x20 || *in->at == 0x09 || *in->at == 0x0A || *in->at == 0x0D))
    in->at++;
}

static bool digits(cursor *in) {
  const uint8_t *from = in->at;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9') in->at++;
  return in->at > from;
}

static bool number(cursor *in) {
  take(in, "-");
  if (!take(in, "0") && !digits(in)) return false;
  if (take(in, ".") && !digits(in)) return false;
  if (take(in, "e") || take(in, "E")) {
    if (!take(in, "+")) take(in, "-");
    return digits(in);
  }
  return true;
}

static bool hex(cursor *in, unsigned *code) {
  *code = 0;
  for (int i = 0; i < 4; i++) {
    static const char all[] = "0123456789abcdefABCDEF";
    const char *digit = in->at < in->end && *in->at ? strchr(all, *in->at) : NULL;
    if (!digit) return false;
    unsigned value = (unsigned)(digit - all);
    *code = *code * 16 + (value > 15 ? value - 6 : value);
    in->at++;
  }
  return true;
}

static bool string(cursor *in) {
  if (!take(in, "\"")) return false;
  while (!take(in, "\"")) {
    unsigned high, low;
    if (in->at == in->end || *in->at < 0x20) return false;
    if (take(in, "\\u")) {
      if (!hex(in, &high) || (high >= 0xDC00 && high <= 0xDFFF)) return false;
      if (high >= 0xD800 && high <= 0xDBFF &&
          (!take(in, "\\u") || !hex(in, &low) || low < 0xDC00 || low > 0xDFFF))
        return false;
    } else if (take(in, "\\")) {
      if (in->at == in->end || !*in->at || !strchr("\"\\/bfnrt", *in->at)) return false;
      in->at++;
    } else {
      size_t length = pb_utf8_sequence((const char *)in->at, (size_t)(in->end - in->at));
      if (length == 0) return false;
      in->at += length;
    }
  }
  return true;
}

static bool value(cursor *in, int depth) {
  skip_space(in);
  bool object = is_next(in, '{');
  if (object || is_next(in, '[')) {
    const char *close = object ? "}" : "]";
    if (depth == PB_JSON_MAX_DEPTH) return false;
    in->at++;
    skip_space(in);
    if (take(in, close)) return true;
    do {
      skip_space(in);
      if (object) {
        if (!string(in)) return false;
        skip_space(in);
        if (!take(in, ":")) return false;
      }
      if (!value(in, depth + 1)) return false;
      skip_space(in);
    } while (take(in, ","));
    return take(in, close);
  }
  if (is_next(in, '"')) return string(in);
  return take(in, "true") || take(in, "false") || take(in, "null") || number(in);
}

static bool is_json(const uint8_t *data, size_t size) {
  cursor in = {data, data + size};
  if (!value(&in, 0)) return false;
  skip_space(&in);
  return in.at == in.end;
}

/* Looks for every member of the object by the name that it has, and by one that it cannot have. */
static void find_members(const char *text, size_t size) {
  const char *end = text + size;
  const char *at = pb_json_skip_space(text, end);
  pb_json_span found, first;
  char nowhere[] = "a name that is \xFF no text";
  FUZZ_HOLDS(!pb_json_find(text, size, nowhere, sizeof nowhere - 1, false, &found));
  if (*at != '{') return;
  /* Member names are what a quote opens in the outermost object, in front of a colon. */
  size_t depth = 0;
  for (int members = 0; at < end && members < 50; at++) {
    if (*at == '{' || *at == '[') depth++;
    else if (*at == '}' || *at == ']') depth--;
    if (*at != '"') continue;
    bool escaped;
    const char *inside = at + 1;
    at = pb_json_closing_quote(inside, end, &escaped);
    const char *colon = pb_json_skip_space(at + 1, end);
    if (depth != 1 || colon == end || *colon != ':') continue;
    members++;
    size_t length = (size_t)(at - inside);
    char *name = fuzz_copy(inside, length);
    size_t plain = pb_json_unescape(inside, length, name);
    FUZZ_HOLDS(plain <= length && (escaped || plain == length) && pb_utf8_check(name, plain, NULL));
    FUZZ_HOLDS(pb_json_find(text, size, name, plain, false, &found));
    FUZZ_HOLDS(pb_json_find(text, size, name, plain, true, &first));
    FUZZ_HOLDS(first.start <= found.start && found.start + found.length <= end);
    const char *here = pb_json_skip_space(colon + 1, end);
    FUZZ_HOLDS(first.start <= here && here <= found.start);
    FUZZ_HOLDS(is_json((const uint8_t *)found.start, found.length));
    free(name);
  }
}

/* The text need not be JSON: what is found lies within it. */
static void find_anywhere(const char *text, size_t size) {
  static const char *const names[] = {"", "a", "x", "id", "a\\"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    size_t length = strlen(names[i]);
    pb_json_span found;
    for (int first = 0; first <= 1; first++)
      if (pb_json_find(text, size, names[i], length, first, &found))
        FUZZ_HOLDS(found.length > 0 && found.start > text &&
                   found.start + found.length <= text + size);
    pb_json_member_is(text, size, names[i], length, "x", 1);
  }
}

/* Whether the text is JSON, found while its containers are counted, with a place for each of them or for fewer. */
static bool check_counting(const char *text, size_t size, pb_json_error *error) {
  size_t most = pb_json_most_containers(text, size);
  pb_json_counts counts = {.places = size % 2 ? most : most / 2};
  counts.members = malloc((counts.places + 1) * sizeof *counts.members);
  FUZZ_HOLDS(counts.members);
  bool good = pb_json_check_counting(text, size, NULL, &counts, error);
  free(counts.members);
  return good;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = fuzz_copy(data, size);
  pb_json_error error = {0}, counting_error = {0};
  bool good = pb_json_check(text, size, NULL, &error);
  FUZZ_HOLDS(good == is_json(data, size));
  FUZZ_HOLDS(good == check_counting(text, size, &counting_error));
  find_anywhere(text, size);
  if (good) {
    find_members(text, size);
  } else {
    FUZZ_HOLDS(error.offset >= 1 && error.offset <= size + 1);
    FUZZ_HOLDS(memchr(error.message, '\0', sizeof error.message));
    FUZZ_HOLDS(error.message[0] && pb_utf8_check(error.message, strlen(error.message), NULL));
    FUZZ_HOLDS(strcmp(error.message, counting_error.message) == 0);
  }
  free(text);
  return 0;
}
