#ifndef PB_SCHEMA_PATTERN_PROGRAM_H
#define PB_SCHEMA_PATTERN_PROGRAM_H

/* What pattern.c and pattern_class.c write and pattern_match.c runs; for them alone. */

#include <stdint.h>

#include "schema/pattern.h"

typedef enum {
  PB_STEP_CHAR,  /* code point `a` */
  PB_STEP_CLASS, /* a code point in (or, negated, not in) `b` ranges from number `a` on */
  PB_STEP_SPLIT, /* an alternative or an option: continues at both `a` and `b` */
  PB_STEP_STAR,  /* before the steps that `*` repeats: continues at both `a` and `b` */
  PB_STEP_PLUS,  /* after the steps that `+` repeats: continues at both `a` and `b` */
  PB_STEP_JUMP,  /* after an alternative: continues at `a` */
  PB_STEP_BACK,  /* after the steps that `*` repeats: continues at `a`, the star */
  PB_STEP_START, /* holds before the first code point */
  PB_STEP_END,   /* holds behind the last one */
  PB_STEP_EDGE,  /* holds where a word begins or ends; negated: elsewhere */
  PB_STEP_MATCH  /* the whole pattern was found */
} pb_pattern_kind;

/* Targets are relative to the step itself, so that a run of steps that only aims into itself can be
 * moved and copied as it is. */
typedef struct {
  pb_pattern_kind kind;
  bool negated;
  int32_t a, b;
} pb_pattern_step;

typedef struct {
  uint32_t first, last;
} pb_pattern_range;

/* A set of step numbers that is emptied in no time and walked in the order of adding: `members`
 * lists them, and `places` says where in it a number would be. */
typedef struct {
  uint16_t *members, *places;
  size_t count;
} pb_pattern_set;

struct pb_pattern {
  pb_pattern_step *steps;
  pb_pattern_range *ranges;
  pb_pattern_set *sets; /* two; scratch */
  size_t step_count, range_count;
  bool straight; /* one way alone leads through: see is_straight in pattern.c */
  /* Straight: which of ASCII's characters the repeated step reads, a bit each. */
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

/* All of these return false when compiling must stop; the error is then filled in. */

bool pb_pattern_refuse(pb_pattern_builder *builder, size_t offset, const char *message);
bool pb_pattern_reserve_steps(pb_pattern_builder *builder, size_t more);
bool pb_pattern_add_step(pb_pattern_builder *builder, pb_pattern_step step);

/* Makes the pattern, with its scratch memory in one block; the builder's steps and ranges move into it. Null,
 * with the error filled in, when there is no memory. */
pb_pattern *pb_pattern_finish(pb_pattern_builder *builder);

/* Frees what was built of a pattern that was refused. */
void pb_pattern_discard(pb_pattern_builder *builder);

/* pattern_match.c. Whether the single step reads the code point. */
bool pb_pattern_reads(const pb_pattern *pattern, const pb_pattern_step *step, uint32_t codepoint);

/* pattern_class.c. Each reads what follows the character in its name, and adds its step. */
bool pb_pattern_read_class(pb_pattern_builder *builder);
bool pb_pattern_read_dot(pb_pattern_builder *builder);
bool pb_pattern_read_escape(pb_pattern_builder *builder, bool *repeatable);

#endif
