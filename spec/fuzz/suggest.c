/* "Did you mean": the first line of the input is what was written, the others are the right names. */

#include "fuzz.h"

#include "base/suggest.h"

enum { MOST_NAMES = 64 };

typedef struct {
  const char *bytes;
  size_t length;
} line;

/* A name that differs in no more than case and separators. */
static bool same_name(const line *a, const line *b) {
  size_t i = 0, j = 0;
  for (;;) {
    while (i < a->length && strchr("_- ", a->bytes[i]) && a->bytes[i]) i++;
    while (j < b->length && strchr("_- ", b->bytes[j]) && b->bytes[j]) j++;
    if (i == a->length || j == b->length) return i == a->length && j == b->length;
    char x = a->bytes[i++], y = b->bytes[j++];
    if (x >= 'A' && x <= 'Z') x = (char)(x | 0x20);
    if (y >= 'A' && y <= 'Z') y = (char)(y | 0x20);
    if (x != y) return false;
  }
}

static unsigned cost_alone(const line *wrong, const line *name) {
  pb_suggestion alone;
  pb_suggest_begin(&alone, wrong->bytes, wrong->length);
  pb_suggest_offer(&alone, name->bytes, name->length);
  FUZZ_HOLDS(!alone.best || (alone.best == name->bytes && alone.best_length == name->length));
  return alone.best ? alone.cost : UINT32_MAX;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = fuzz_copy(data, size);
  line lines[MOST_NAMES];
  size_t count = 0;
  for (size_t from = 0, at = 0; at <= size && count < MOST_NAMES; at++) {
    if (at < size && text[at] != '\n') continue;
    lines[count++] = (line){text + from, at - from};
    from = at + 1;
  }
  const line *wrong = &lines[0], *best = NULL;
  pb_suggestion suggestion;
  pb_suggest_begin(&suggestion, wrong->bytes, wrong->length);
  unsigned least = UINT32_MAX;
  for (size_t i = 1; i < count; i++) {
    pb_suggest_offer(&suggestion, lines[i].bytes, lines[i].length);
    unsigned cost = cost_alone(wrong, &lines[i]);
    FUZZ_HOLDS(cost == cost_alone(&lines[i], wrong)); /* as near there as back */
    bool short_enough = wrong->length <= PB_SUGGEST_MAX && lines[i].length <= PB_SUGGEST_MAX;
    line nothing = {"", 0};
    if (short_enough && same_name(wrong, &lines[i]) && !same_name(wrong, &nothing))
      FUZZ_HOLDS(cost == 0);
    if (cost < least) best = &lines[i], least = cost;
  }
  /* The nearest of all, and the first of the nearest. */
  FUZZ_HOLDS(suggestion.best == (best ? best->bytes : NULL));
  FUZZ_HOLDS(!best || (suggestion.cost == least && suggestion.best_length == best->length));
  free(text);
  return 0;
}
