#include "mask/mask.h"

#include "mask/scan.h"
#include "mask/unescape.h"

enum {
  MOST_LAYERS = 4, /* JSON in a string of JSON, in a page of HTML, in an address */
  /* A long text is read in pieces, to bound the memory for the text without its escapes. Two pieces have so much
   * in common: room for a secret of 4,000 bytes, escaped like \u0070. */
  PIECE = 256 * 1024,
  COMMON = 24 * 1024
};

/* A text as it was before a layer of its escapes was removed. */
typedef struct layer {
  const pb_plain *plain;
  const struct layer *outer;
} layer;

static void scan_layers(const pb_automaton *automaton, const char *text, size_t length, bool cut,
                        const layer *outer, int depth, size_t offset, pb_ranges *ranges) {
  pb_ranges found = {.list = NULL};
  pb_scan(automaton, text, length, cut, &found);
  for (size_t i = 0; i < found.count; i++) {
    size_t start = found.list[i].start, end = found.list[i].end;
    for (const layer *at = outer; at; at = at->outer) pb_plain_source(at->plain, &start, &end);
    pb_ranges_add(ranges, offset + start, offset + end, false);
  }
  ranges->failed |= found.failed;
  pb_ranges_free(&found);
  pb_plain plain;
  if (depth == MOST_LAYERS) return;
  if (pb_unescape(text, length, &plain)) {
    layer inner = {&plain, outer};
    scan_layers(automaton, plain.text, plain.length, cut, &inner, depth + 1, offset, ranges);
    pb_plain_free(&plain);
  }
  ranges->failed |= plain.failed;
}

bool pb_mask_find(const pb_automaton *automaton, const pb_names *names, const char *text,
                  size_t length, pb_ranges *ranges) {
  bool cut = names && !pb_names_find(names, text, length, ranges);
  size_t piece = length <= PIECE + COMMON ? length : PIECE;
  for (size_t at = 0; at < length; at += piece) {
    size_t left = length - at, size = left < piece + COMMON ? left : piece + COMMON;
    scan_layers(automaton, text + at, size, cut && size == left, NULL, 0, at, ranges);
  }
  pb_ranges_merge(ranges);
  return !ranges->failed;
}

void pb_mask_write(const pb_ranges *ranges, const char *text, size_t length, pb_buffer *out) {
  size_t at = 0;
  for (size_t i = 0; i < ranges->count; i++) {
    const pb_range *range = &ranges->list[i];
    pb_buffer_add(out, text + at, range->start - at);
    pb_buffer_add_text(out, range->quoted ? "\"***\"" : "***");
    at = range->end;
  }
  pb_buffer_add(out, text + at, length - at);
}
