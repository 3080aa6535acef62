#ifndef PB_JSON_READER_H
#define PB_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Checks whether a text is JSON as RFC 8259 defines it, in UTF-8 and without a byte order mark. Builds
 * nothing, allocates nothing, and does not recurse. */

/* Nesting of arrays and objects. No API nests deeper than about ten; the stacks for a thousand still fit
 * into a few kilobytes, and into the 8000 slots that LuaJIT gives a C function. */
enum { PB_JSON_MAX_DEPTH = 1000 };

/* Bytes of text. Up to this, every count and position fits the `int` of Lua's C API. */
#define PB_JSON_MAX_LENGTH ((size_t)1 << 30)

/* Arrays and objects in one text, of which Lua's tables take some thirty times the room of `{},`: a million, or as
 * many as a longer text of objects with any members has. */
enum { PB_JSON_MAX_TABLES = 1000 * 1000, PB_JSON_TABLE_BYTES = 16 };

typedef struct {
  bool too_large;    /* it may be JSON, but goes beyond the limits above */
  size_t offset;     /* of the first wrong byte, from 1 */
  char message[160]; /* names the expected token and the one found; UTF-8 */
} pb_json_error;

/* The number of members of each container, in the order in which they open, so that tables can be created
 * in their final size. Containers beyond `places` are not counted, and counts end at UINT16_MAX: these are
 * hints, and growing a larger table costs little by comparison. */
typedef struct {
  uint16_t *members; /* places + 1, of which the last is scratch space of the reader */
  size_t places;
} pb_json_counts;

/* A number of containers that `text`, whether it is JSON or not, does not exceed. */
size_t pb_json_most_containers(const char *text, size_t length);

/* Whether `text` is JSON. If not, `error` says why and where. With `halves` (may be null), `\u` escapes that
 * are half of a surrogate pair are let through, which RFC 8259 leaves open, and `*halves` is set where there
 * is one. */
bool pb_json_check(const char *text, size_t length, bool *halves, pb_json_error *error);

/* Like pb_json_check, and fills in `counts->members` for the containers that there are and that it has places for. */
bool pb_json_check_counting(const char *text, size_t length, bool *halves,
                            const pb_json_counts *counts, pb_json_error *error);

/* The name of a member, all of plain characters (see scan.h); `bytes` is null where there is none. */
typedef struct {
  const char *bytes;
  size_t length;
} pb_json_name;

/* Functions that are called with the members of a text's outermost object while it is checked, and with those of one
 * object in it. At a call the text up to the end of the value has been checked, and the text behind it has not. */
typedef struct {
  void *state;
  /* Whether the member of this name, if it is an object, is the one whose own members are reported too. */
  bool (*enters)(void *state, const char *name, size_t name_length);
  /* The name that the next member probably has, which the functions may set. A member that has it is reported with
   * these `bytes` themselves as its name. */
  const pb_json_name *likely;
  /* A member: its name without the quotes, and the text of its value. `inner`: it is a member of the inner object. */
  void (*member)(void *state, bool inner, const char *name, size_t name_length, const char *value,
                 size_t value_length);
} pb_json_watch;

/* As pb_json_check; halves of surrogate pairs are let through. */
bool pb_json_check_watching(const char *text, size_t length, const pb_json_watch *watch,
                            pb_json_error *error);

#endif
