#ifndef PB_LUA_VERDICTS_H
#define PB_LUA_VERDICTS_H

#include <stdbool.h>
#include <stddef.h>

/* The verdicts on tables of a value and the unions that they were tried against. Unions within unions would
 * otherwise be tried again and again, twice as often with each level. The tables may neither go nor change meanwhile. */

/* The outcome of trying the branches of a union for a value. Branches are counted from 1 on; 0: none. */
typedef struct {
  size_t obeyed, second; /* the branches that it obeys, of oneOf the first two */
  size_t shown;          /* it obeys none, and a member shows that the error is about this one */
} pb_verdict;

typedef struct {
  const void *value, *schema; /* null: unused */
  size_t nesting;
  pb_verdict verdict;
} pb_kept_verdict;

enum { PB_VERDICTS = 128 };
typedef struct {
  bool any; /* otherwise `kept` is not initialized */
  pb_kept_verdict kept[PB_VERDICTS];
} pb_verdicts;

/* The verdict on the table, or null if none was kept. */
const pb_verdict *pb_verdict_on(pb_verdicts *verdicts, const void *value, const void *schema);

/* Keeps the verdict on the table, which `nesting` unions lie around, unless there is only room for others, which take
 * longer to find again. */
void pb_verdict_keep(pb_verdicts *verdicts, const void *value, const void *schema, size_t nesting,
                     const pb_verdict *verdict);

#endif
