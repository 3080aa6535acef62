#ifndef PB_BASE_SUGGEST_H
#define PB_BASE_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* "Did you mean": offers are made one by one, and the best of them is kept.
 *
 *   pb_suggestion suggestion;
 *   pb_suggest_begin(&suggestion, wrong, length);
 *   for (each right name) pb_suggest_offer(&suggestion, name, name_length);
 *   if (suggestion.best) ...
 *
 * Nothing is allocated, and the names offered must live as long as the suggestion is read. */

/* Longer names get no suggestion. This bounds the work; no field or enum value is that long. */
enum { PB_SUGGEST_MAX = 64 };

/* A name in the form that is compared: lower case, without separators of words. */
typedef struct {
  unsigned char text[PB_SUGGEST_MAX];
  size_t length;
} pb_folded_name;

typedef struct {
  const char *best; /* null while no offered name is near enough */
  size_t best_length;
  unsigned cost; /* of `best`; the rest is internal */
  bool usable;
  pb_folded_name wrong;
} pb_suggestion;

void pb_suggest_begin(pb_suggestion *suggestion, const char *wrong, size_t length);

/* Names win in this order, and among equals the one that was offered first:
 *   1. only letter case or `_`, `-` and spaces differ: `udp` for `UDP`, `caller-id` for `CallerId`
 *   2. a few slips, the fewest first: a letter too much, missing, wrong, or swapped with the next;
 *      digits in another place count as one (`TrunkPriority1` for `Trunk1Priortiy`: two slips)
 *   3. one holds the other whole, best at its start: `CallerID` for `caller_id_number` */
void pb_suggest_offer(pb_suggestion *suggestion, const char *name, size_t length);

/* Appends `; did you mean "X"?` if there is a suggestion. */
void pb_suggest_append(const pb_suggestion *suggestion, pb_buffer *message);

#endif
