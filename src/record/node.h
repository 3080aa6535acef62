#ifndef PB_RECORD_NODE_H
#define PB_RECORD_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "lua/compat.h"
#include "lua/record_mark.h"
#include "schema/schema.h"

/* A record, and each object nested in one, is a node: a Lua table that is empty but for one slot
 * under a private key, so that every access runs the metamethods (read.c, assign.c). The
 * slot holds the internals, a Lua array laid out as below, in a box: next() shows it to any script, and
 * what is in it is trusted. A nested object's node belongs to its parent for good: assigning a whole object
 * fills the node anew, so a script's reference to it never goes stale.
 *
 * The array has room for all its slots from the start, so setting one allocates nothing. Whatever
 * changes a record does all that can fail first, and then only sets slots. */

enum {
  PB_SLOT_TYPE = 1, /* the userdata of the pb_node_type */
  PB_SLOT_PARTS,    /* the type's parts, see below */
  PB_SLOT_STATE,    /* root: last known state, a plain table by field name; nil: nothing known */
  PB_SLOT_ANSWER,   /* root: a newer answer not yet in the state: JSON text, or a plain table */
  PB_SLOT_READ,     /* root: true when the answer is a full read, not the echo of a change */
  PB_SLOT_SENT,     /* root: what was last sent, a plain table by field name */
  PB_SLOT_PENDING, /* root: the part of `sent` that is not yet in the state, a plain table; or nil */
  PB_SLOT_SEALED,  /* root: the text of the last payload, while nothing has been assigned since */
  PB_SLOT_NOTE,    /* root: a value of the Lua side's own */
  PB_SLOT_KEY,     /* root: the key */
  PB_SLOT_OWNER,   /* root: the collection, for the Lua side */
  PB_SLOT_PARENT,  /* nested: the internals of the parent */
  PB_SLOT_NODE,    /* nested: the node itself */
  PB_SLOT_POSITION, /* nested: its position among the parent's properties */
  PB_SLOT_MODE,     /* nested: one of pb_node_mode; nil: PB_MODE_OVERLAY */
  PB_SLOT_CHILDREN, /* position -> internals of the nested node */
  PB_SLOT_VIEWS,    /* position, or name -> the copy of a table in the state that was read */
  PB_SLOT_SHOWN,    /* true once a script has read a table, which it may have changed in place */
  PB_SLOT_EXTRA,    /* name -> assigned value, for fields without a description */
  PB_SLOT_SPECIAL,  /* true once one of the four above was there, and of a nested node always */
  PB_SLOT_ASSIGNED, /* the slot before the first field's: position p is at PB_SLOT_ASSIGNED + p */
};

/* What nodes of a type share, a Lua array. Nodes hold on to it themselves: what a script does to a
 * metatable, or to a copy of a node, pulls nothing from under them. */
enum {
  PB_PART_TYPE = 1,  /* the userdata of the pb_node_type */
  PB_PART_METATABLE, /* of the nodes */
  PB_PART_FIELDS,    /* name -> position */
  PB_PART_CHILDREN,  /* position -> the parts of the object there */
  PB_PART_FOLD,      /* root: see `type` in record.c */
  PB_PART_SCHEMA,    /* kept alive, as are the next */
  PB_PART_KEY_SCHEMA,
  PB_PART_NAME,
};

typedef enum {
  PB_MODE_OVERLAY = 0, /* what is assigned lies over the state */
  PB_MODE_WHOLE,       /* assigned as a whole: the state does not show through */
  PB_MODE_NULL,        /* null was assigned */
} pb_node_mode;

/* A field's name as Lua's string of it, which the type's parts keep alive, and its position. */
typedef struct {
  const void *identity;
  int position;
} pb_node_name;

typedef struct {
  const pb_schema *schema;     /* of type object */
  pb_text name;                /* root: what errors start with */
  int key_position;            /* root: the property that is the key; 0: none */
  const pb_schema *key_schema; /* root: what a text that is a key obeys; null: nothing is said */
  bool nested;
  const void *last_node; /* for pb_node_newindex alone */
  size_t name_mask; /* `names` has one entry more: a power of two, at least twice the properties */
  pb_node_name names[];
} pb_node_type;

/* Stack slots that the deepest recursion over a record's nodes takes. Reserved in one go before
 * anything is changed, so that no growing stack can stop a change half-way. */
enum { PB_NODE_STACK = PB_SCHEMA_MAX_DEPTH * 12 };

/* How large a type for `schema` is, and how one of that size begins. The names are entered one by one:
 * pb_node_type_enter takes the string at the top of the stack. */
size_t pb_node_type_size(const pb_schema *schema);
void pb_node_type_init(pb_node_type *type, const pb_schema *schema);
void pb_node_type_enter(lua_State *L, pb_node_type *type, int position);

/* The position of the field that the string at `index` names. 0: none, or a long name: pb_node_position
 * tells. */
static inline int pb_node_type_find(lua_State *L, const pb_node_type *type, int index) {
  const void *identity = pb_identity(L, index);
  size_t at = ((uintptr_t)identity >> 4) & type->name_mask;
  while (type->names[at].identity != identity && type->names[at].identity)
    at = (at + 1) & type->name_mask;
  return type->names[at].position;
}

/* `internals` below is the absolute stack index of a node's internals. */

pb_node_type *pb_node_type_of(lua_State *L, int internals);
pb_node_mode pb_node_mode_of(lua_State *L, int internals);

/* What is assigned is about to change: the root's last payload is not it any more. Where it is known
 * to be none's but pb_node_newindex' business, that does without; see pb_node_seal. */
void pb_node_unseal(lua_State *L, int internals);

/* Keeps the text at the top, which stays, as the root's payload until something is assigned. */
void pb_node_seal(lua_State *L, int internals);

/* Pushes one of the type's parts. */
void pb_node_push_part(lua_State *L, int internals, int part);

/* The position of the field whose name is at `key`; 0: no such field. */
int pb_node_position(lua_State *L, int internals, int key);

/* The node is not simple from here on. */
void pb_node_make_special(lua_State *L, int internals);

/* Pushes the table in `slot` of the internals, making it if there is none; the node is special then. */
void pb_node_push_slot_table(lua_State *L, int internals, int slot);

/* Pushes a new root node, and its internals; `parts` is the index of its type's. */
void pb_node_new(lua_State *L, int parts);

/* Pushes the nested node at `position`, and its internals. When there is none yet, makes it if
 * `make`, else returns false with nothing pushed. */
bool pb_node_child(lua_State *L, int internals, int position, bool make);

/* Whether the node is what nearly every one is, a root whose assignments all are in the slots of its
 * fields, and none a table that a script holds. */
bool pb_node_is_simple(lua_State *L, int internals);

/* Whether any nested node was ever made. Where none was, what is assigned is found by: */
bool pb_node_has_children(lua_State *L, int internals);

/* The first position behind `position` (0 to begin with) that is assigned; 0: there is none. Needs four
 * stack slots. A record has many fields and a change few: this is quicker than to ask for each. */
int pb_node_next(lua_State *L, int internals, int position);

/* Pushes the node's last known state: a plain table, or nil when nothing is known or a whole
 * assignment hides it. Takes in what has been answered since. */
void pb_node_push_state(lua_State *L, int internals);

/* Whether what is at the top, out of a state, can be an object: a list with items, which a vendor may put
 * in its place, cannot be changed in part. */
bool pb_node_is_object(lua_State *L);

/* Raises unless the argument at `index` is a node; pushes its internals. */
void pb_record_check(lua_State *L, int index);

/* Takes back every assignment below the node. Allocates nothing once PB_NODE_STACK is reserved. */
void pb_node_clear(lua_State *L, int internals);

/* Appends the node's path to `path`: `voice_routes`, `provisioned_routes.sms_settings`. */
void pb_node_add_path(lua_State *L, int internals, pb_buffer *path);

#endif
