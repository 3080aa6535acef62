#ifndef PB_LUA_NODE_H
#define PB_LUA_NODE_H

#include <stdbool.h>

#include "lua_compat.h"
#include "schema.h"

/* A record, and each object nested in one, is a node: a Lua table that is empty but for one slot
 * under a private key, so that every access runs the metamethods (lua_read.c, lua_assign.c). The
 * slot holds the internals, a Lua array laid out as below. A nested object's node belongs to its
 * parent for good: assigning a whole object fills the node anew, so a script's reference to it
 * never goes stale. */

enum {
  PB_SLOT_TYPE = 1, /* light userdata: the pb_node_type */
  PB_SLOT_STATE,    /* root: last known state, a plain table by field name; nil: nothing known */
  PB_SLOT_ANSWER,   /* root: a newer answer not yet in the state: JSON text, or a plain table */
  PB_SLOT_READ,     /* root: true when the answer is a full read, not the echo of a change */
  PB_SLOT_SENT,     /* root: what was last sent, a plain table by field name */
  PB_SLOT_PENDING, /* root: the part of `sent` that is not yet in the state, a plain table; or nil */
  PB_SLOT_NOTE,    /* root: a value of the Lua side's own */
  PB_SLOT_KEY,     /* root: the key */
  PB_SLOT_OWNER,   /* root: the collection, for the Lua side */
  PB_SLOT_PARENT,  /* nested: the parent node */
  PB_SLOT_POSITION, /* nested: its position among the parent's properties */
  PB_SLOT_MODE,     /* nested: one of pb_node_mode; nil: PB_MODE_OVERLAY */
  PB_SLOT_CHILDREN, /* position -> nested node */
  PB_SLOT_VIEWS,    /* position -> the copy of a list in the state that a script has read */
  PB_SLOT_EXTRA,    /* name -> assigned value, for fields without a description */
  PB_SLOT_ASSIGNED, /* the slot before the first field's: position p is at PB_SLOT_ASSIGNED + p */
};

typedef enum {
  PB_MODE_OVERLAY = 0, /* what is assigned lies over the state */
  PB_MODE_WHOLE,       /* assigned as a whole: the state does not show through */
  PB_MODE_NULL,        /* null was assigned */
} pb_node_mode;

typedef struct {
  const pb_schema *schema; /* of type object */
  pb_text name;            /* root: what errors start with */
  int key_position;        /* root: the property that is the key; 0: none */
  bool nested;
} pb_node_type;

/* Pushes the internals of the node at `index`; false, with nothing pushed, if it is no node. */
bool pb_node_internals(lua_State *L, int index);

/* Pushes the type out of the internals at `index`, and returns it. */
static inline const pb_node_type *pb_node_type_at(lua_State *L, int internals) {
  lua_rawgeti(L, internals, PB_SLOT_TYPE);
  return lua_touserdata(L, -1);
}

/* The type out of the internals at `index`. */
const pb_node_type *pb_node_type_of(lua_State *L, int internals);

pb_node_mode pb_node_mode_of(lua_State *L, int internals);

/* Pushes a new root node; `metatable` is the index of its type's metatable. */
void pb_node_new(lua_State *L, int metatable, const pb_node_type *type);

/* Pushes the internals of the nested node at `position`. When there is none yet, makes it if `make`,
 * else returns false with nothing pushed. `node` and `internals` are stack indices. */
bool pb_node_child(lua_State *L, int node, int internals, int position, bool make);

/* Pushes the node's last known state: a plain table, or nil when nothing is known or a whole
 * assignment hides it. Takes in what has been answered since. */
void pb_node_push_state(lua_State *L, int node, int internals);

/* Pushes the root node of the tree that the node at `node` is in, and its internals. */
void pb_node_push_root(lua_State *L, int node);

/* Whether anything below the node is assigned. Lists that a script has read and changed in place
 * count as assigned from here on. */
bool pb_node_changed(lua_State *L, int node, int internals);

/* Takes back every assignment below the node. */
void pb_node_clear(lua_State *L, int internals);

/* Appends the node's path to `path`: `voice_routes`, `provisioned_routes.sms_settings`. */
void pb_node_add_path(lua_State *L, int node, pb_buffer *path);

/* Pushes a copy of the plain value at `index` that shares nothing with it: lists marked as such,
 * whole numbers as integers where the schema (null: unknown) says so. */
void pb_node_push_copy(lua_State *L, int index, const pb_schema *schema, int depth);

/* Whether two plain values are the same as JSON. */
bool pb_node_equal(lua_State *L, int a, int b);

/* Pushes a plain table of what is assigned below the node, over the state if `merged`. */
void pb_node_push_plain(lua_State *L, int node, int internals, bool merged);

#endif
