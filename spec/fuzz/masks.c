/* Masking: what the automaton finds against a plain search, and what is left of secrets in a masked text.
 *
 * An input is secrets, each ended by a NUL, and a text: at most four secrets, then everything is text. */

#include "fuzz.h"

#include "mask/mask.h"

enum { MOST_SECRETS = 4, LONGEST = 64 };

typedef struct {
  const char *text;
  size_t length;
} piece;

/* The names of secret members, by bytes. */
static const char *const names[] = {"key", "password", "token"};

static bool contains(const char *text, size_t length, const char *part, size_t part_length) {
  for (size_t at = 0; at + part_length <= length; at++)
    if (memcmp(text + at, part, part_length) == 0) return true;
  return false;
}

/* The longest part of a secret, that counts, which ends with the byte at `at`: by trying all. */
static size_t longest_at(const piece *secrets, size_t count, const char *text, size_t at) {
  size_t longest = 0;
  for (size_t i = 0; i < count; i++) {
    size_t whole = secrets[i].length, least = whole;
    if (whole > PB_SECRET_PART) {
      least = (2 * whole + 2) / 3;
      if (least < PB_SECRET_PART) least = PB_SECRET_PART;
    }
    for (size_t length = least; length <= whole && length <= at + 1; length++)
      if (contains(secrets[i].text, whole, text + at + 1 - length, length) && length > longest)
        longest = length;
  }
  return longest;
}

static void check_automaton(const pb_automaton *automaton, const piece *secrets, size_t count,
                            const char *text, size_t length) {
  pb_match match = {0, 0};
  for (size_t at = 0; at < length; at++) {
    uint32_t matched = pb_automaton_step(automaton, &match, (unsigned char)text[at]);
    FUZZ_HOLDS(matched == longest_at(secrets, count, text, at));
  }
}

/* An empty range stands for an empty value. */
static void check_ranges(const pb_ranges *ranges, size_t length) {
  size_t end = 0;
  for (size_t i = 0; i < ranges->count; i++) {
    FUZZ_HOLDS(ranges->list[i].start <= ranges->list[i].end && ranges->list[i].end <= length);
    FUZZ_HOLDS(i == 0 || ranges->list[i].start >= end);
    end = ranges->list[i].end;
  }
}

/* The result has all that is not masked as it was, and no secret is left in that. */
static void check_masked(const pb_ranges *ranges, const piece *secrets, size_t count,
                         const char *text, size_t length) {
  pb_buffer out;
  pb_buffer_init(&out);
  pb_mask_write(ranges, text, length, &out);
  FUZZ_HOLDS(!out.failed);
  size_t at = 0, shown = 0;
  for (size_t i = 0; i <= ranges->count; i++) {
    size_t end = i < ranges->count ? ranges->list[i].start : length;
    size_t kept = end - at;
    FUZZ_HOLDS(kept <= out.length - shown);
    FUZZ_HOLDS(kept == 0 || memcmp(out.data + shown, text + at, kept) == 0);
    for (size_t k = 0; k < count; k++)
      FUZZ_HOLDS(!contains(text + at, kept, secrets[k].text, secrets[k].length));
    shown += kept;
    if (i == ranges->count) break;
    shown += ranges->list[i].quoted ? 5 : 3;
    at = ranges->list[i].end;
  }
  FUZZ_HOLDS(shown == out.length);
  pb_buffer_free(&out);
}

static void hex_of(const char *bytes, size_t length, char *out) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < length; i++) {
    out[2 * i] = digits[(unsigned char)bytes[i] >> 4];
    out[2 * i + 1] = digits[(unsigned char)bytes[i] & 15];
  }
}

/* A secret is found in hexadecimal digits, and escaped as in JSON, wherever it stands in the text. */
static void check_forms(const pb_automaton *automaton, const piece *secret, const char *text,
                        size_t length) {
  size_t before = length / 2, form = 6 * secret->length;
  char *whole = calloc(length + form, 1);
  if (!whole) abort();
  for (int escaped = 0; escaped <= 1; escaped++) {
    size_t used = 2 * secret->length;
    memcpy(whole, text, before);
    if (escaped) {
      used = form;
      for (size_t i = 0; i < secret->length; i++) {
        memcpy(whole + before + 6 * i, "\\u00", 4);
        hex_of(secret->text + i, 1, whole + before + 6 * i + 4);
      }
    } else {
      hex_of(secret->text, secret->length, whole + before);
    }
    memcpy(whole + before + used, text + before, length - before);
    pb_ranges ranges = {.list = NULL};
    FUZZ_HOLDS(pb_mask_find(automaton, NULL, whole, length + used, &ranges));
    check_ranges(&ranges, length + used);
    /* In JSON only ASCII has an escape of one byte, and a backslash before it is itself an escape. */
    bool plain = !escaped || before == 0 || text[before - 1] != '\\';
    for (size_t i = 0; escaped && i < secret->length; i++)
      plain = plain && (unsigned char)secret->text[i] < 0x80 && secret->text[i] >= ' ';
    bool covered = !plain;
    for (size_t i = 0; i < ranges.count; i++)
      covered = covered || (ranges.list[i].start <= before && ranges.list[i].end >= before + used);
    FUZZ_HOLDS(covered);
    pb_ranges_free(&ranges);
  }
  free(whole);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *input = fuzz_copy(data, size);
  piece secrets[MOST_SECRETS];
  size_t count = 0, at = 0;
  pb_automaton *automaton = pb_automaton_new();
  FUZZ_HOLDS(automaton);
  while (count < MOST_SECRETS) {
    const char *end = memchr(input + at, 0, size - at);
    if (!end) break;
    size_t length = (size_t)(end - input) - at;
    if (length >= PB_SECRET_SHORTEST && length <= LONGEST) {
      secrets[count++] = (piece){input + at, length};
      FUZZ_HOLDS(pb_automaton_add(automaton, input + at, length));
    }
    at += length + 1;
  }
  FUZZ_HOLDS(pb_automaton_finish(automaton));
  char *text = fuzz_copy(input + at, size - at);
  size_t length = size - at;
  check_automaton(automaton, secrets, count, text, length < 512 ? length : 512);
  pb_names set = {names, sizeof names / sizeof *names};
  for (int named = 0; named <= 1; named++) {
    pb_ranges ranges = {.list = NULL};
    FUZZ_HOLDS(pb_mask_find(count ? automaton : NULL, named ? &set : NULL, text, length, &ranges));
    check_ranges(&ranges, length);
    check_masked(&ranges, secrets, count, text, length);
    pb_ranges_free(&ranges);
  }
  for (size_t i = 0; i < count; i++) check_forms(automaton, &secrets[i], text, length);
  pb_automaton_free(automaton);
  free(text);
  free(input);
  return 0;
}
