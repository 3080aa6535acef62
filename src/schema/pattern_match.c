/* Matches patterns. All ways through the pattern are followed in parallel, one code point at a time. A
 * step is in a set only once, however many ways lead to it, which bounds the time. */

#include "base/utf8.h"
#include "schema/pattern_program.h"

/* The position in the text at which the steps are followed. */
typedef struct {
  bool at_start, at_end;
  bool word_before, word_after;
} position;

static void add(pb_pattern_set *set, size_t number) {
  uint16_t place = set->places[number];
  if (place < set->count && set->members[place] == number) return;
  set->places[number] = (uint16_t)set->count;
  set->members[set->count++] = (uint16_t)number;
}

static size_t target(size_t number, int32_t distance) {
  return (size_t)((int32_t)number + distance);
}

/* Adds all steps that those in the set reach without reading. Returns true if the whole pattern matched.
 * The set is its own work list: the loop visits what is added at its end. */
static bool follow(const pb_pattern *pattern, pb_pattern_set *set, position where) {
  for (size_t i = 0; i < set->count; i++) {
    size_t number = set->members[i];
    pb_pattern_step step = pattern->steps[number];
    bool holds = false;
    switch (step.kind) {
    case PB_STEP_MATCH:
      return true;
    case PB_STEP_CHAR:
    case PB_STEP_CLASS:
      break;
    case PB_STEP_JUMP:
    case PB_STEP_BACK:
      add(set, target(number, step.a));
      break;
    case PB_STEP_SPLIT:
    case PB_STEP_STAR:
    case PB_STEP_PLUS:
      add(set, target(number, step.a));
      add(set, target(number, step.b));
      break;
    case PB_STEP_START:
      holds = where.at_start;
      break;
    case PB_STEP_END:
      holds = where.at_end;
      break;
    case PB_STEP_EDGE:
      holds = (where.word_before != where.word_after) != step.negated;
      break;
    }
    if (holds) add(set, number + 1);
  }
  return false;
}

static bool in_ranges(const pb_pattern_range *ranges, size_t count, uint32_t codepoint) {
  size_t low = 0;
  while (count > low) {
    size_t middle = low + (count - low) / 2;
    if (codepoint < ranges[middle].first) count = middle;
    else if (codepoint > ranges[middle].last) low = middle + 1;
    else return true;
  }
  return false;
}

bool pb_pattern_reads(const pb_pattern *pattern, const pb_pattern_step *step, uint32_t codepoint) {
  if (step->kind == PB_STEP_CHAR) return (uint32_t)step->a == codepoint;
  if (step->kind != PB_STEP_CLASS) return false;
  /* An empty class, [] or [^], has no ranges, and a pattern with no other class has no memory for ranges. */
  bool found = step->b > 0 && in_ranges(pattern->ranges + step->a, (size_t)step->b, codepoint);
  return found != step->negated;
}

static void advance(const pb_pattern *pattern, const pb_pattern_set *from, pb_pattern_set *to,
                    uint32_t codepoint) {
  to->count = 0;
  for (size_t i = 0; i < from->count; i++) {
    size_t number = from->members[i];
    if (pb_pattern_reads(pattern, &pattern->steps[number], codepoint)) add(to, number + 1);
  }
}

static bool is_word(uint32_t codepoint) {
  return (codepoint >= '0' && codepoint <= '9') || (codepoint >= 'A' && codepoint <= 'Z') ||
         (codepoint >= 'a' && codepoint <= 'z') || codepoint == '_';
}

/* Reads one code point with `step` if it fits, and moves `*at` behind it. */
static bool take(const pb_pattern *pattern, const pb_pattern_step *step, const char **at,
                 const char *end) {
  if (*at == end) return false;
  uint32_t codepoint = (unsigned char)**at;
  size_t size = codepoint < 0x80 ? 1 : pb_utf8_read(*at, (size_t)(end - *at), &codepoint);
  if (size == 0) return false; /* not UTF-8 after all: nothing would ever be behind it */
  if (!pb_pattern_reads(pattern, step, codepoint)) return false;
  *at += size;
  return true;
}

/* Returns the position behind the ASCII characters that are in the set. */
static const char *skip_ascii(const uint64_t set[2], const char *at, const char *end) {
  while (at < end && (unsigned char)*at < 0x80 && (set[*at >> 6] >> (*at & 63) & 1)) at++;
  return at;
}

/* Returns the position behind all code points that `step`, the repeated one of a straight pattern, reads. */
static const char *skip_repeated(const pb_pattern *pattern, const pb_pattern_step *step,
                                 const char *at, const char *end) {
  do at = skip_ascii(pattern->repeated, at, end);
  while (take(pattern, step, &at, end));
  return at;
}

/* Matches a straight pattern. Only the end follows the repeated step, so it may read as much as fits. */
static bool match_straight(const pb_pattern *pattern, const char *at, const char *end) {
  for (const pb_pattern_step *step = pattern->steps + 1;; step++) {
    switch (step->kind) {
    case PB_STEP_MATCH:
      return true;
    case PB_STEP_END:
      if (at != end) return false;
      break;
    case PB_STEP_STAR:
      at = skip_repeated(pattern, step + 1, at, end);
      step += 2; /* the repeated step and the way back */
      break;
    case PB_STEP_PLUS:
      at = skip_repeated(pattern, step - 1, at, end);
      break;
    default:
      if (!take(pattern, step, &at, end)) return false;
    }
  }
}

bool pb_pattern_match(const pb_pattern *pattern, const char *text, size_t length) {
  return pb_utf8_check(text, length, NULL) && pb_pattern_match_utf8(pattern, text, length);
}

bool pb_pattern_match_utf8(const pb_pattern *pattern, const char *text, size_t length) {
  if (pattern->straight) return match_straight(pattern, text, text + length);
  pb_pattern_set *now = &pattern->sets[0], *next = &pattern->sets[1];
  bool only_at_start = pattern->steps[0].kind == PB_STEP_START;
  position where = {.at_start = true};
  now->count = 0;
  for (size_t at = 0;;) {
    uint32_t codepoint = 0;
    size_t size = pb_utf8_read(text + at, length - at, &codepoint);
    where.at_end = at == length;
    if (size == 0 && !where.at_end) return false; /* not UTF-8 after all */
    where.word_after = !where.at_end && is_word(codepoint);
    if (where.at_start || !only_at_start) add(now, 0);
    if (follow(pattern, now, where)) return true;
    if (where.at_end || (only_at_start && now->count == 0)) return false;
    advance(pattern, now, next, codepoint);
    at += size;
    where = (position){.word_before = where.word_after};
    pb_pattern_set *swapped = now;
    now = next;
    next = swapped;
  }
}
