#ifndef PB_MASK_RANGES_H
#define PB_MASK_RANGES_H

#include <stdbool.h>
#include <stddef.h>

/* The parts of a text that are masked. */

typedef struct {
  size_t start, end;
  bool quoted; /* the mask stands in quotes: it replaces a value of JSON that is no string */
} pb_range;

typedef struct {
  pb_range *list;
  size_t count, room;
  bool failed; /* there was no memory for one */
} pb_ranges;

void pb_ranges_free(pb_ranges *ranges);

/* Adds the bytes from `start` up to `end`. One that overlaps the last one added extends it. */
void pb_ranges_add(pb_ranges *ranges, size_t start, size_t end, bool quoted);

/* Puts them in order, and makes one of those that overlap. */
void pb_ranges_merge(pb_ranges *ranges);

#endif
