#ifndef PB_RECORD_COPY_H
#define PB_RECORD_COPY_H

#include <stdbool.h>

#include "lua/compat.h"
#include "schema/schema.h"

/* Plain values are Lua values that JSON has. Tables are read raw: no metamethod runs.
 *
 * Functions that return a message return NULL on success. On failure they push nothing and return a static
 * message that says what the value is instead: "a table that contains itself, or is nested too deeply". */

/* One copy, with all that is copied for it, also through records. */
typedef struct pb_copying pb_copying;
struct pb_copying {
  /* Replaces the internals of a record at the top by a plain table; `depth` is that of the record within the
   * value that is copied. Returns a message as above. Null where there must be no records. */
  const char *(*flatten)(lua_State *L, int depth, pb_copying *copying);
  long values_left; /* the values that may still be copied; PB_COPY_MAX_VALUES at the beginning */
};

/* The scalars in one value at most, and how many of them a table counts for, by its memory: eight million
 * scalars, a million tables. A value that is there several times is counted each time: tables that share others, or
 * records that hold others, would multiply without end. No vendor accepts as many. */
enum { PB_COPY_MAX_VALUES = 8 * 1000 * 1000, PB_COPY_TABLE = 8 };

/* Counts a table of the copy; returns a message where it is one too many. */
const char *pb_copying_count(pb_copying *copying);

/* Pushes a copy of the value at `index` that shares nothing with it: lists are marked as such, and whole
 * numbers are integers where the schema (null: unknown) says so. `depth` is that of the value within a larger
 * one: through records a list may hold itself. */
const char *pb_copy_plain(lua_State *L, int index, const pb_schema *schema, int depth,
                          pb_copying *copying);

/* Pops the value at the top. If it is a table, sets copies of its members in the table at `target`;
 * `depth` is that of the members. */
const char *pb_copy_over(lua_State *L, int target, int depth, pb_copying *copying);

/* Whether two plain values are equal as JSON. */
bool pb_plain_equal(lua_State *L, int a, int b);

/* Removes the read-only members from the value at `index`, which must be a copy. */
void pb_plain_strip(lua_State *L, int index, const pb_schema *schema);

#endif
