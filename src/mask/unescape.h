#ifndef PB_MASK_UNESCAPE_H
#define PB_MASK_UNESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text without one layer of its escapes: those of JSON (\u0070, \/), of addresses (%70) and of HTML (&amp;). */
typedef struct {
  char *text;
  size_t length;
  /* For each byte the offset, in the text with the escapes, of its source; behind the last one the
   * length of that text. All bytes of one escape have the same. */
  uint32_t *sources;
  bool failed; /* there was no memory */
} pb_plain;

/* Removes a layer of escapes. False where there is none, or no memory; then there is nothing to free. */
bool pb_unescape(const char *text, size_t length, pb_plain *plain);
void pb_plain_free(pb_plain *plain);

/* Turns bytes of the plain text, from `*start` up to `*end`, into those that they come from. */
void pb_plain_source(const pb_plain *plain, size_t *start, size_t *end);

#endif
