#ifndef PB_SCHEMA_PATTERN_PROGRAM_H
#define PB_SCHEMA_PATTERN_PROGRAM_H

/* The compiled form of patterns: pattern.c and pattern_class.c write it, pattern_match.c runs it. */

#include <stdint.h>

#include "schema/pattern.h"

typedef enum {
  PB_STEP_CHAR, /* reads code point `a` */
  PB_STEP_CLASS, /* reads a code point that is in (negated: not in) one of `b` ranges, from number `a` on */
  PB_STEP_SPLIT, /* an alternative or an option: continues at both `a` and `b` */
  PB_STEP_STAR,  /* before the steps that `*` repeats: continues at both `a` and `b` */
  PB_STEP_PLUS,  /* after the steps that `+` repeats: continues at both `a` and `b` */
  PB_STEP_JUMP,  /* after an alternative: continues at `a` */
  PB_STEP_BACK,  /* after the steps that `*` repeats: continues at `a`, the star */
  PB_STEP_START, /* holds before the first code point */
  PB_STEP_END,   /* holds after the last one */
  PB_STEP_EDGE,  /* holds where a word starts or ends; negated: elsewhere */
  PB_STEP_MATCH  /* the whole pattern has matched */
} pb_pattern_kind;

/* Targets are relative to the step itself, so steps that point only among themselves can be moved and
 * copied as they are. */
typedef struct {
  pb_pattern_kind kind;
  bool negated;
  int32_t a, b;
} pb_pattern_step;

typedef struct {
  uint32_t first, last;
} pb_pattern_range;

/* A set of step numbers that is cleared in constant time and visited in the order of adding. `members`
 * lists the numbers; `places` has the position in it that a number would have. */
typedef struct {
  uint16_t *members, *places;
  size_t count;
} pb_pattern_set;

struct pb_pattern {
  pb_pattern_step *steps;
  pb_pattern_range *ranges;
  pb_pattern_set *sets; /* two; scratch */
  size_t step_count, range_count;
  bool straight; /* there is only one way through: see is_straight in pattern.c */
  /* Straight: the ASCII characters that the repeated step reads, one bit each. */
  uint64_t repeated[2];
};

typedef struct {
  const char *text;
  size_t length, at; /* `at`: the next byte to read */
  pb_pattern_step *steps;
  size_t step_count, step_capacity;
  pb_pattern_range *ranges;
  size_t range_count, range_capacity;
  pb_pattern_error *error;
} pb_pattern_builder;

/* All of these return false, with the error filled in, when compiling must stop. */

bool pb_pattern_refuse(pb_pattern_builder *builder, size_t offset, const char *message);
bool pb_pattern_reserve_steps(pb_pattern_builder *builder, size_t more);
bool pb_pattern_add_step(pb_pattern_builder *builder, pb_pattern_step step);

/* Makes the pattern, with its scratch memory in one block. The steps and ranges of the builder move into
 * it. Returns null, with the error filled in, when there is no memory. */
pb_pattern *pb_pattern_finish(pb_pattern_builder *builder);

/* Frees the steps and ranges of a pattern that was refused. */
void pb_pattern_discard(pb_pattern_builder *builder);

/* pattern_match.c: whether the single step reads the code point. */
bool pb_pattern_reads(const pb_pattern *pattern, const pb_pattern_step *step, uint32_t codepoint);

/* pattern_class.c: each reads the text after the character in its name, and adds a step. */
bool pb_pattern_read_class(pb_pattern_builder *builder);
bool pb_pattern_read_dot(pb_pattern_builder *builder);
bool pb_pattern_read_escape(pb_pattern_builder *builder, bool *repeatable);

#endif
