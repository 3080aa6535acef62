#include "mask/ranges.h"

#include <stdlib.h>

#include "base/memory.h"

void pb_ranges_free(pb_ranges *ranges) {
  if (ranges->list) pb_free(ranges->list);
  *ranges = (pb_ranges){.list = NULL};
}

void pb_ranges_add(pb_ranges *ranges, size_t start, size_t end, bool quoted) {
  pb_range *last = ranges->count ? &ranges->list[ranges->count - 1] : NULL;
  if (last && !quoted && !last->quoted && start <= last->end && end >= last->start) {
    if (start < last->start) last->start = start;
    if (end > last->end) last->end = end;
    return;
  }
  if (ranges->count == ranges->room) {
    size_t room = ranges->room ? 2 * ranges->room : 32;
    pb_range *list = pb_realloc(ranges->list, room * sizeof *list);
    if (!list) {
      ranges->failed = true;
      return;
    }
    ranges->list = list;
    ranges->room = room;
  }
  ranges->list[ranges->count++] = (pb_range){start, end, quoted};
}

static int compare(const void *one, const void *other) {
  const pb_range *a = one, *b = other;
  if (a->start != b->start) return a->start < b->start ? -1 : 1;
  /* The longest first: it decides about the quotes. */
  return a->end == b->end ? 0 : a->end > b->end ? -1 : 1;
}

void pb_ranges_merge(pb_ranges *ranges) {
  if (ranges->count < 2) return;
  qsort(ranges->list, ranges->count, sizeof *ranges->list, compare);
  size_t kept = 0;
  for (size_t i = 1; i < ranges->count; i++) {
    pb_range *last = &ranges->list[kept], *next = &ranges->list[i];
    if (next->start < last->end) {
      if (next->end > last->end) last->end = next->end;
    } else {
      ranges->list[++kept] = *next;
    }
  }
  ranges->count = kept + 1;
}
