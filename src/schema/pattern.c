/* Compiles patterns. The text becomes steps in one pass from left to right, without recursion: a frame
 * holds the state of each open group, and a repetition moves and copies the steps that it repeats. */

#include "schema/pattern.h"

#include <string.h>

#include "base/utf8.h"
#include "schema/pattern_program.h"

enum { UNLIMITED = -1, NO_JUMP = -1 };

/* An open group, or the whole pattern. The jumps at the ends of its alternatives are chained through their
 * targets until the end of the group is known. */
typedef struct {
  size_t opened_at;
  size_t first_step;
  size_t alternative; /* the first step of the current alternative */
  int32_t last_jump;
} frame;

/* Moves the steps from `at` on by one, to make room for a step there. */
static void shift(pb_pattern_builder *builder, size_t at) {
  memmove(&builder->steps[at + 1], &builder->steps[at],
          (builder->step_count - at) * sizeof *builder->steps);
  builder->step_count++;
}

/* Repeats the steps from `start` on `least` to `most` times. */
static bool repeat(pb_pattern_builder *builder, size_t start, int32_t least, int32_t most) {
  size_t length = builder->step_count - start;
  if (length == 0 || most == 0) {
    builder->step_count = start;
    return true;
  }
  int32_t copies = most != UNLIMITED ? most : least > 0 ? least : 1;
  int32_t extra = most != UNLIMITED ? most - least : least > 0 ? 1 : 2;
  size_t total = (size_t)copies * length + (size_t)extra;
  if (!pb_pattern_reserve_steps(builder, total - length)) return false;

  pb_pattern_step *steps = builder->steps;
  size_t end = start + total, source = start;
  if (least == 0) {
    shift(builder, start);
    steps[start] = (pb_pattern_step){
        .kind = most == UNLIMITED ? PB_STEP_STAR : PB_STEP_SPLIT, .a = 1, .b = (int32_t)total};
    source = start + 1;
  }
  size_t at = builder->step_count;
  for (int32_t copy = 1; copy < copies; copy++) {
    if (copy >= least) {
      steps[at] = (pb_pattern_step){.kind = PB_STEP_SPLIT, .a = 1, .b = (int32_t)(end - at)};
      at++;
    }
    memcpy(&steps[at], &steps[source], length * sizeof *steps);
    at += length;
  }
  if (most == UNLIMITED && least == 0)
    steps[at] = (pb_pattern_step){.kind = PB_STEP_BACK, .a = -(int32_t)(length + 1)};
  else if (most == UNLIMITED)
    steps[at] = (pb_pattern_step){.kind = PB_STEP_PLUS, .a = -(int32_t)length, .b = 1};
  builder->step_count = end;
  return true;
}

static bool next_is(const pb_pattern_builder *builder, char byte) {
  return builder->at < builder->length && builder->text[builder->at] == byte;
}

/* Reads the digits of a {n,m}; returns false when there are none. Stops counting above the limit. */
static bool read_count(pb_pattern_builder *builder, int32_t *count) {
  size_t from = builder->at;
  int32_t value = 0;
  while (builder->at < builder->length) {
    char digit = builder->text[builder->at];
    if (digit < '0' || digit > '9') break;
    if (value <= PB_PATTERN_MAX_REPEAT) value = value * 10 + (digit - '0');
    builder->at++;
  }
  *count = value;
  return builder->at > from;
}

/* Reads a repetition in braces, after its "{". */
static bool read_braces(pb_pattern_builder *builder, int32_t *least, int32_t *most) {
  static const char form[] =
      "a repetition is written {n}, {n,} or {n,m}; a literal \"{\" is written \"\\{\"";
  size_t from = builder->at - 1;
  if (!read_count(builder, least)) return pb_pattern_refuse(builder, from, form);
  *most = *least;
  if (next_is(builder, ',')) {
    builder->at++;
    if (!read_count(builder, most)) *most = UNLIMITED;
  }
  if (!next_is(builder, '}')) return pb_pattern_refuse(builder, from, form);
  builder->at++;
  if (*least > PB_PATTERN_MAX_REPEAT || *most > PB_PATTERN_MAX_REPEAT)
    return pb_pattern_refuse(builder, from, "a repetition counts to 1000 at most");
  if (*most != UNLIMITED && *most < *least)
    return pb_pattern_refuse(builder, from, "the numbers of the repetition are out of order");
  return true;
}

/* Reads the repetition of the steps from `start` on, if there is one. */
static bool read_repetition(pb_pattern_builder *builder, size_t start, bool repeatable) {
  if (builder->at == builder->length) return true;
  size_t from = builder->at;
  int32_t least = 0, most = UNLIMITED;
  switch (builder->text[builder->at]) {
  case '*':
    break;
  case '+':
    least = 1;
    break;
  case '?':
    most = 1;
    break;
  case '{':
    break;
  default:
    return true;
  }
  builder->at++;
  if (!repeatable) return pb_pattern_refuse(builder, from, "a position cannot be repeated");
  if (builder->text[from] == '{' && !read_braces(builder, &least, &most)) return false;
  if (next_is(builder, '?'))
    builder->at++; /* lazy: the same, because only whether there is a match counts */
  return repeat(builder, start, least, most);
}

static bool open_group(pb_pattern_builder *builder, frame *frames, size_t *depth) {
  size_t from = builder->at - 1;
  if (next_is(builder, '?')) {
    builder->at++;
    if (!next_is(builder, ':')) {
      bool look = next_is(builder, '=') || next_is(builder, '!');
      bool angle = next_is(builder, '<');
      if (angle && builder->at + 1 < builder->length) {
        char second = builder->text[builder->at + 1];
        look = second == '=' || second == '!';
      }
      return pb_pattern_refuse(builder, from,
                               look    ? "lookahead and lookbehind are not supported"
                               : angle ? "named groups are not supported; write (?: )"
                                       : "the only group with \"?\" that is supported is (?: )");
    }
    builder->at++;
  }
  if (*depth == PB_PATTERN_MAX_DEPTH)
    return pb_pattern_refuse(builder, from, "the groups are nested too deeply");
  frames[++*depth] = (frame){.opened_at = from,
                             .first_step = builder->step_count,
                             .alternative = builder->step_count,
                             .last_jump = NO_JUMP};
  return true;
}

static bool end_alternative(pb_pattern_builder *builder, frame *group) {
  if (!pb_pattern_reserve_steps(builder, 2)) return false;
  shift(builder, group->alternative);
  int32_t jump = (int32_t)builder->step_count;
  builder->steps[group->alternative] =
      (pb_pattern_step){.kind = PB_STEP_SPLIT, .a = 1, .b = jump + 1 - (int32_t)group->alternative};
  builder->steps[builder->step_count++] =
      (pb_pattern_step){.kind = PB_STEP_JUMP, .a = group->last_jump};
  group->last_jump = jump;
  group->alternative = builder->step_count;
  return true;
}

static void end_group(pb_pattern_builder *builder, const frame *group) {
  for (int32_t jump = group->last_jump; jump != NO_JUMP;) {
    int32_t previous = builder->steps[jump].a;
    builder->steps[jump].a = (int32_t)builder->step_count - jump;
    jump = previous;
  }
}

static bool add_literal(pb_pattern_builder *builder) {
  uint32_t codepoint;
  size_t size =
      pb_utf8_read(builder->text + builder->at, builder->length - builder->at, &codepoint);
  if (size == 0) return pb_pattern_refuse(builder, builder->at, "the pattern is not UTF-8");
  builder->at += size;
  return pb_pattern_add_step(builder,
                             (pb_pattern_step){.kind = PB_STEP_CHAR, .a = (int32_t)codepoint});
}

static bool read_pattern(pb_pattern_builder *builder) {
  frame frames[PB_PATTERN_MAX_DEPTH + 1] = {{.last_jump = NO_JUMP}};
  size_t depth = 0;
  while (builder->at < builder->length) {
    size_t from = builder->at, start = builder->step_count;
    bool repeatable = true, added;
    builder->at++;
    switch (builder->text[from]) {
    case '(':
      if (!open_group(builder, frames, &depth)) return false;
      continue;
    case '|':
      if (!end_alternative(builder, &frames[depth])) return false;
      continue;
    case ')':
      if (depth == 0)
        return pb_pattern_refuse(builder, from,
                                 "this \")\" closes no group; a literal one is \"\\)\"");
      end_group(builder, &frames[depth]);
      start = frames[depth--].first_step;
      added = true;
      break;
    case '*':
    case '+':
    case '?':
      return pb_pattern_refuse(builder, from, "there is nothing to repeat here");
    case '{':
      return pb_pattern_refuse(
          builder, from, "there is nothing to repeat here; a literal \"{\" is written \"\\{\"");
    case '}':
      return pb_pattern_refuse(builder, from, "a literal \"}\" is written \"\\}\"");
    case ']':
      return pb_pattern_refuse(builder, from, "a literal \"]\" is written \"\\]\"");
    case '^':
    case '$':
      repeatable = false;
      added = pb_pattern_add_step(
          builder,
          (pb_pattern_step){.kind = builder->text[from] == '^' ? PB_STEP_START : PB_STEP_END});
      break;
    case '.':
      added = pb_pattern_read_dot(builder);
      break;
    case '[':
      added = pb_pattern_read_class(builder);
      break;
    case '\\':
      added = pb_pattern_read_escape(builder, &repeatable);
      break;
    default:
      builder->at = from;
      added = add_literal(builder);
      break;
    }
    if (!added || !read_repetition(builder, start, repeatable)) return false;
  }
  if (depth > 0)
    return pb_pattern_refuse(builder, frames[depth].opened_at,
                             "this \"(\" is never closed; a literal one is \"\\(\"");
  end_group(builder, &frames[0]);
  return pb_pattern_add_step(builder, (pb_pattern_step){.kind = PB_STEP_MATCH});
}

/* Whether the pattern is straight: `^`, then single characters or classes, the last of them possibly with
 * `+` or `*`, then possibly `$`. Most patterns of descriptions are, and matching them needs no sets.
 * `*repeated` is the step with `+` or `*`, or null. */
static bool is_straight(const pb_pattern *pattern, const pb_pattern_step **repeated) {
  const pb_pattern_step *step = pattern->steps;
  *repeated = NULL;
  if (step->kind != PB_STEP_START) return false;
  for (step++; step->kind == PB_STEP_CHAR || step->kind == PB_STEP_CLASS;) step++;
  bool single = step - pattern->steps > 1;
  if (single && step->kind == PB_STEP_PLUS && step->a == -1) {
    *repeated = step - 1;
    step++;
  } else if (step->kind == PB_STEP_STAR && step->b == 3 &&
             (step[1].kind == PB_STEP_CHAR || step[1].kind == PB_STEP_CLASS)) {
    *repeated = step + 1;
    step += 3;
  }
  if (step->kind == PB_STEP_END) step++;
  return step->kind == PB_STEP_MATCH && step + 1 == pattern->steps + pattern->step_count;
}

static void prepare_straight(pb_pattern *pattern) {
  const pb_pattern_step *repeated;
  pattern->straight = is_straight(pattern, &repeated);
  if (!pattern->straight || !repeated) return;
  for (uint32_t c = 0; c < 0x80; c++)
    if (pb_pattern_reads(pattern, repeated, c))
      pattern->repeated[c >> 6] |= UINT64_C(1) << (c & 63);
}

pb_pattern *pb_pattern_compile(const char *text, size_t length, pb_pattern_error *error) {
  pb_pattern_builder builder = {.text = text, .length = length, .error = error};
  pb_pattern *pattern = NULL;
  if (length > PB_PATTERN_MAX_SOURCE)
    pb_pattern_refuse(&builder, PB_PATTERN_MAX_SOURCE, "the pattern is longer than 8192 bytes");
  else if (read_pattern(&builder)) pattern = pb_pattern_finish(&builder);
  if (pattern) prepare_straight(pattern);
  else pb_pattern_discard(&builder);
  return pattern;
}
