/* Compiles the parts of a pattern that match one code point out of many: `.`, escapes, and [classes]. */

#include <stdlib.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "schema/pattern_program.h"

enum { LAST_CODEPOINT = 0x10FFFF };

/* A named set of code points, sorted. */
typedef struct {
  const pb_pattern_range *ranges;
  size_t count;
} named_set;

#define SET(name)                                                                                  \
  { name, sizeof name / sizeof name[0] }
static const pb_pattern_range digits[] = {{'0', '9'}};
static const pb_pattern_range word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const pb_pattern_range space[] = {
    {0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
    {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
static const pb_pattern_range line_end[] = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};
static const named_set digit_set = SET(digits), word_set = SET(word), space_set = SET(space),
                       line_end_set = SET(line_end);

/* The meaning of an escape, or of a member of a class. */
typedef struct {
  enum { CODEPOINT, NAMED_SET, EDGE } kind;
  bool negated;
  uint32_t codepoint;
  named_set set;
} item;

static bool add_range(pb_pattern_builder *builder, uint32_t first, uint32_t last) {
  if (builder->range_count == builder->range_capacity) {
    size_t capacity = builder->range_capacity ? builder->range_capacity * 2 : 16;
    pb_pattern_range *ranges = pb_realloc(builder->ranges, capacity * sizeof *ranges);
    if (!ranges) {
      *builder->error = (pb_pattern_error){.no_memory = true};
      return false;
    }
    builder->ranges = ranges;
    builder->range_capacity = capacity;
  }
  builder->ranges[builder->range_count++] = (pb_pattern_range){first, last};
  return true;
}

static bool add_set(pb_pattern_builder *builder, named_set set, bool negated) {
  uint32_t from = 0;
  for (size_t i = 0; i < set.count; i++) {
    pb_pattern_range range = set.ranges[i];
    if (negated ? range.first > from && !add_range(builder, from, range.first - 1)
                : !add_range(builder, range.first, range.last))
      return false;
    from = range.last + 1;
  }
  return !negated || add_range(builder, from, LAST_CODEPOINT);
}

/* Adds the step for the ranges from number `first` on. */
static bool add_class(pb_pattern_builder *builder, size_t first, bool negated) {
  return pb_pattern_add_step(builder,
                             (pb_pattern_step){.kind = PB_STEP_CLASS,
                                               .negated = negated,
                                               .a = (int32_t)first,
                                               .b = (int32_t)(builder->range_count - first)});
}

static bool add_named_class(pb_pattern_builder *builder, named_set set, bool negated) {
  size_t first = builder->range_count;
  return add_set(builder, set, false) && add_class(builder, first, negated);
}

bool pb_pattern_read_dot(pb_pattern_builder *builder) {
  return add_named_class(builder, line_end_set, true);
}

/* Reads exactly `count` hex digits. */
static bool read_hex(pb_pattern_builder *builder, size_t count, uint32_t *value) {
  if (builder->length - builder->at < count) return false;
  *value = 0;
  for (size_t i = 0; i < count; i++) {
    int digit = pb_ascii_hex_value(builder->text[builder->at + i]);
    if (digit < 0) return false;
    *value = *value * 16 + (uint32_t)digit;
  }
  builder->at += count;
  return true;
}

/* Reads hex digits up to the closing brace, after the opening one. */
static bool read_braced_hex(pb_pattern_builder *builder, uint32_t *value) {
  size_t from = builder->at;
  *value = 0;
  for (; builder->at < builder->length; builder->at++) {
    int digit = pb_ascii_hex_value(builder->text[builder->at]);
    if (digit < 0) break;
    *value = *value * 16 + (uint32_t)digit;
    if (*value > LAST_CODEPOINT) return false;
  }
  return builder->at > from && builder->at < builder->length && builder->text[builder->at++] == '}';
}

static bool is_surrogate(uint32_t codepoint) {
  return codepoint >= 0xD800 && codepoint <= 0xDFFF;
}

/* Reads the rest of an escape, after "\u". The two halves of a surrogate pair are one code point. */
static bool read_unicode(pb_pattern_builder *builder, size_t from, uint32_t *codepoint) {
  static const char form[] =
      "a Unicode escape is \\u and four hex digits, or \\u{} with up to 10FFFF in it";
  if (builder->at < builder->length && builder->text[builder->at] == '{') {
    builder->at++;
    if (!read_braced_hex(builder, codepoint)) return pb_pattern_refuse(builder, from, form);
  } else {
    if (!read_hex(builder, 4, codepoint)) return pb_pattern_refuse(builder, from, form);
    uint32_t low;
    if (*codepoint >= 0xD800 && *codepoint <= 0xDBFF && builder->length - builder->at >= 6 &&
        builder->text[builder->at] == '\\' && builder->text[builder->at + 1] == 'u') {
      builder->at += 2;
      if (read_hex(builder, 4, &low) && low >= 0xDC00 && low <= 0xDFFF)
        *codepoint = 0x10000 + ((*codepoint - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  if (is_surrogate(*codepoint))
    return pb_pattern_refuse(builder, from, "half a surrogate pair occurs in no text");
  return true;
}

static bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

/* Reads the rest of an escape, after the backslash. */
static bool read_item(pb_pattern_builder *builder, bool in_class, item *result) {
  size_t from = builder->at - 1;
  if (builder->at == builder->length)
    return pb_pattern_refuse(builder, from, "a pattern cannot end with \"\\\"");
  char c = builder->text[builder->at++];
  *result = (item){.kind = CODEPOINT};
  switch (c) {
  case 'd':
  case 'D':
    *result = (item){.kind = NAMED_SET, .set = digit_set, .negated = c == 'D'};
    return true;
  case 'w':
  case 'W':
    *result = (item){.kind = NAMED_SET, .set = word_set, .negated = c == 'W'};
    return true;
  case 's':
  case 'S':
    *result = (item){.kind = NAMED_SET, .set = space_set, .negated = c == 'S'};
    return true;
  case 'b':
    if (in_class) result->codepoint = '\b';
    else result->kind = EDGE;
    return true;
  case 'B':
    if (in_class) return pb_pattern_refuse(builder, from, "\\B has no meaning in a class");
    *result = (item){.kind = EDGE, .negated = true};
    return true;
  case 't':
    result->codepoint = '\t';
    return true;
  case 'n':
    result->codepoint = '\n';
    return true;
  case 'r':
    result->codepoint = '\r';
    return true;
  case 'f':
    result->codepoint = '\f';
    return true;
  case 'v':
    result->codepoint = '\v';
    return true;
  case '0':
    if (builder->at == builder->length || builder->text[builder->at] < '0' ||
        builder->text[builder->at] > '9')
      return true;
    return pb_pattern_refuse(builder, from, "octal escapes are not supported; write \\xHH");
  case 'x':
    return read_hex(builder, 2, &result->codepoint) ||
           pb_pattern_refuse(builder, from, "\\x takes two hex digits");
  case 'u':
    return read_unicode(builder, from, &result->codepoint);
  case 'k':
    return pb_pattern_refuse(builder, from, "named groups are not supported");
  case 'c':
    return pb_pattern_refuse(builder, from, "\\c is not supported; write \\xHH");
  case 'p':
  case 'P':
    return pb_pattern_refuse(builder, from, "Unicode properties (\\p, \\P) are not supported");
  default:
    break;
  }
  if (c >= '1' && c <= '9')
    return pb_pattern_refuse(builder, from, "back-references are not supported");
  if (!is_punctuation(c)) return pb_pattern_refuse(builder, from, "there is no such escape");
  result->codepoint = (uint32_t)(unsigned char)c;
  return true;
}

bool pb_pattern_read_escape(pb_pattern_builder *builder, bool *repeatable) {
  item result;
  if (!read_item(builder, false, &result)) return false;
  if (result.kind == NAMED_SET) return add_named_class(builder, result.set, result.negated);
  pb_pattern_step step = {.kind = PB_STEP_CHAR, .a = (int32_t)result.codepoint};
  if (result.kind == EDGE) {
    step = (pb_pattern_step){.kind = PB_STEP_EDGE, .negated = result.negated};
    *repeatable = false;
  }
  return pb_pattern_add_step(builder, step);
}

static bool read_member(pb_pattern_builder *builder, item *result) {
  if (builder->text[builder->at] == '\\') {
    builder->at++;
    return read_item(builder, true, result);
  }
  *result = (item){.kind = CODEPOINT};
  size_t size =
      pb_utf8_read(builder->text + builder->at, builder->length - builder->at, &result->codepoint);
  if (size == 0) return pb_pattern_refuse(builder, builder->at, "the pattern is not UTF-8");
  builder->at += size;
  return true;
}

static int compare_ranges(const void *left, const void *right) {
  uint32_t a = ((const pb_pattern_range *)left)->first,
           b = ((const pb_pattern_range *)right)->first;
  return (a > b) - (a < b);
}

/* Sorts the ranges from number `first` on and joins those that touch, for the binary search of matching. */
static void normalise(pb_pattern_builder *builder, size_t first) {
  size_t count = builder->range_count - first;
  if (count < 2) return;
  pb_pattern_range *ranges = builder->ranges + first;
  qsort(ranges, count, sizeof *ranges, compare_ranges);
  size_t kept = 0;
  for (size_t i = 1; i < count; i++) {
    if (ranges[i].first > ranges[kept].last + 1) ranges[++kept] = ranges[i];
    else if (ranges[i].last > ranges[kept].last) ranges[kept].last = ranges[i].last;
  }
  builder->range_count = first + kept + 1;
}

bool pb_pattern_read_class(pb_pattern_builder *builder) {
  size_t opened_at = builder->at - 1, first = builder->range_count;
  const char *text = builder->text;
  bool negated = builder->at < builder->length && text[builder->at] == '^';
  if (negated) builder->at++;
  while (builder->at < builder->length && text[builder->at] != ']') {
    size_t from = builder->at;
    item low, high;
    if (!read_member(builder, &low)) return false;
    bool range = builder->length - builder->at >= 2 && text[builder->at] == '-' &&
                 text[builder->at + 1] != ']';
    if (!range) {
      if (low.kind == NAMED_SET ? !add_set(builder, low.set, low.negated)
                                : !add_range(builder, low.codepoint, low.codepoint))
        return false;
      continue;
    }
    builder->at++;
    if (!read_member(builder, &high)) return false;
    if (low.kind == NAMED_SET || high.kind == NAMED_SET)
      return pb_pattern_refuse(
          builder, from,
          "a set such as \\w is no end of a range; a literal \"-\" is written \"\\-\"");
    if (low.codepoint > high.codepoint)
      return pb_pattern_refuse(builder, from, "the ends of the range are out of order");
    if (!add_range(builder, low.codepoint, high.codepoint)) return false;
  }
  if (builder->at == builder->length)
    return pb_pattern_refuse(builder, opened_at,
                             "this \"[\" is never closed; a literal one is \"\\[\"");
  builder->at++;
  normalise(builder, first);
  return add_class(builder, first, negated);
}
