#ifndef PB_JSON_READER_H
#define PB_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decides whether a text is JSON as RFC 8259 defines it, in UTF-8 and without a byte order mark.
 * Nothing is built, nothing is allocated, and nothing recurses. */

/* Arrays and objects within each other. No API nests deeper than some ten; the stacks for a thousand
 * still fit into a few kilobytes and within the 8000 slots that LuaJIT gives a C function. */
enum { PB_JSON_MAX_DEPTH = 1000 };

/* Bytes of text. Within it every count and position fits the `int` in which Lua's C API counts. */
#define PB_JSON_MAX_LENGTH ((size_t)1 << 30)

/* Arrays and objects in one text, of which Lua's tables take some thirty times the room of `{},`: a million, or as
 * many as a longer text of objects with any members has. */
enum { PB_JSON_MAX_TABLES = 1000 * 1000, PB_JSON_TABLE_BYTES = 16 };

typedef struct {
  bool too_large;    /* it may be JSON, but goes beyond the limits above */
  size_t offset;     /* of the first byte that is wrong, from 1 */
  char message[160]; /* what was expected there, and what there was; UTF-8 */
} pb_json_error;

/* How many members the containers have, in the order in which they open, so that tables can be made
 * in their final size. Only the first ones are counted, and counts end at UINT16_MAX: these are
 * hints, and growing a larger table costs little by comparison. */
enum { PB_JSON_COUNTED = 512 };
typedef struct {
  uint16_t members[PB_JSON_COUNTED + 1]; /* the last is for the use of the reader */
} pb_json_counts;

/* Whether `text` is JSON. If not, `error` says why and where. */
bool pb_json_check(const char *text, size_t length, pb_json_error *error);

/* pb_json_check, which also fills in `counts` (indeterminate for containers there are not). */
bool pb_json_check_counting(const char *text, size_t length, pb_json_counts *counts,
                            pb_json_error *error);

#endif
