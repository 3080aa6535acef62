#ifndef PB_LUA_ISOLATED_H
#define PB_LUA_ISOLATED_H

#include <stdint.h>

#include "base/buffer.h"
#include "lua/compat.h"

/* A Lua state of its own for a text that nobody trusts: without libraries, with bounded memory and a bounded number
 * of instructions. The text's value leaves it as bytes: no Lua value, and no error, crosses from one state to the
 * other. */

typedef struct {
  lua_State *state;   /* null once it is closed */
  lua_Alloc allocate; /* the state's own allocator and its data */
  void *data;
  size_t used, limit;   /* bytes */
  bool denied;          /* memory was refused because of the limit */
  int64_t instructions; /* left; below 0 the text has been stopped */
  double deadline;      /* by the processor's time of the thread, in seconds */
  bool late;            /* it has passed, and the text has been stopped */
  int line;             /* that ran last; 0: none */
  const char *text;
  size_t length;
  pb_buffer value; /* as pb_isolated_write writes it */
} pb_isolated;

/* The struct of an isolated state. */
pb_isolated *pb_isolated_of(lua_State *state);

/* Sets the names that the text may use, in the isolated state. May raise there. */
void pb_isolated_set_names(lua_State *state);

/* Whether the table at `index` was made by one of these names; and those of `new` and `ref`, as fields 1 and 2. */
typedef enum {
  PB_ISOLATED_TABLE,
  PB_ISOLATED_ARRAY,
  PB_ISOLATED_NEW,
  PB_ISOLATED_REF
} pb_isolated_kind;
pb_isolated_kind pb_isolated_kind_of(lua_State *state, int index);

/* Appends the value at the top of the isolated state to `value`. Raises there for a value that cannot be written. */
void pb_isolated_write(lua_State *state, pb_isolated *self);

/* Pushes the value in the bytes onto `L`. `new_names`, `references`: stack indices of the metatables for tables
 * of `new` ({ name }) and of `ref` ({ ref =, collection = }). May raise Lua's memory error. */
void pb_isolated_read(lua_State *L, const pb_buffer *value, int new_names, int references);

/* The function `duplicates` of the part: see duplicates.c. */
int pb_lua_duplicates(lua_State *L);

#endif
