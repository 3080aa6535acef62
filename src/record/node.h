#ifndef PB_RECORD_NODE_H
#define PB_RECORD_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "lua/compat.h"
#include "lua/record_mark.h"
#include "schema/schema.h"

/* A record, and each object nested in one, is a node: a Lua table with nothing in it but its mark
 * (lua/record_mark.h), so that every access runs the metamethods (read.c, assign.c). The mark holds the
 * node's internals, a Lua array with the slots below. A nested object's node belongs to its parent for good:
 * assigning a whole object refills the node, so a reference that a script holds never goes stale.
 *
 * The array has room for all its slots from the start, so setting one allocates nothing. A function that
 * changes a record first does everything that can fail, and then only sets slots.
 *
 * "Root" marks slots that only a record has, "nested" those that only an object within one has. */

enum {
  PB_SLOT_TYPE = 1, /* the userdata of the pb_node_type */
  PB_SLOT_PARTS,    /* the parts of the type, see below */
  PB_SLOT_STATE,    /* root: the last known state, a plain table by field name; nil: unknown */
  PB_SLOT_RESPONSE, /* root: a newer response, not yet in the state: JSON text or a plain table */
  PB_SLOT_READ,     /* root: true when the response is a full read, not the echo of a change */
  PB_SLOT_SENT, /* root: the last change that was sent, a plain table by field name; or its payload */
  PB_SLOT_PENDING, /* root: the part of `sent` that is not yet in the state, in the same form, or nil */
  PB_SLOT_CACHED_PAYLOAD, /* root: the text of the last payload; nil after any assignment */
  PB_SLOT_META,           /* root: the fold's data beside the state */
  PB_SLOT_NOTE,           /* root: a value that the Lua side keeps here */
  PB_SLOT_KEY,            /* root: the key */
  PB_SLOT_OWNER,          /* root: the collection, for the Lua side */
  PB_SLOT_PARENT,         /* nested: the internals of the parent */
  PB_SLOT_NODE,           /* nested: the node itself */
  PB_SLOT_POSITION,       /* nested: its position among the parent's properties */
  PB_SLOT_MODE,           /* nested: a pb_node_mode; nil: PB_MODE_OVERLAY */
  PB_SLOT_CHILDREN,       /* position -> internals of the nested node */
  PB_SLOT_VIEWS, /* position or name -> the tracked copy of a table of the state (view.h) */
  PB_SLOT_SHOWN, /* true once a script has read a table, which it may change in place */
  PB_SLOT_PARTLY, /* position or name -> true: assigned by a change in place of a table of the state */
  PB_SLOT_EXTRA,    /* name -> assigned value, for fields without a description */
  PB_SLOT_SPECIAL,  /* true once any of the four slots above was set; always in nested nodes */
  PB_SLOT_ASSIGNED, /* the assigned value of position p is at PB_SLOT_ASSIGNED + p */
};

/* The parts that all nodes of a type share, a Lua array. Nodes refer to it themselves, so a script that
 * changes a metatable or copies a node cannot take it from them. */
enum {
  PB_PART_TYPE = 1,  /* the userdata of the pb_node_type */
  PB_PART_METATABLE, /* of the nodes */
  PB_PART_FIELDS,    /* name -> position */
  PB_PART_CHILDREN,  /* position -> the parts of the object there */
  PB_PART_FOLD,      /* root: see `type` in record.c */
  PB_PART_SCHEMA,    /* this part and the next two are only kept alive */
  PB_PART_KEY_SCHEMA,
  PB_PART_NAME,
};

typedef enum {
  PB_MODE_OVERLAY = 0, /* assignments lie over the state */
  PB_MODE_WHOLE,       /* the whole object was assigned: nothing of the state shows through */
  PB_MODE_NULL,        /* null was assigned */
} pb_node_mode;

/* A field's name, as the address of the Lua string that the type's parts keep alive, and its position. */
typedef struct {
  const void *identity;
  int position;
} pb_node_name;

typedef struct {
  const pb_schema *schema;     /* of type object */
  pb_text name;                /* root: the start of every error message */
  int key_position;            /* root: the property that is the key; 0: none */
  const pb_schema *key_schema; /* root: the rules for a string that is a key, or null */
  bool nested;
  const void *last_node; /* for pb_node_newindex only */
  size_t name_mask; /* `names` has one entry more: a power of two, at least twice the properties */
  pb_node_name names[];
} pb_node_type;

/* Stack slots that the deepest recursion over a record's nodes takes. They are reserved at once before
 * anything changes, so that a change cannot stop half-way because the stack has to grow. */
enum { PB_NODE_STACK = PB_SCHEMA_MAX_DEPTH * 12 };

/* The size of a type for `schema`, and its initialisation without names. pb_node_type_enter then enters the
 * names one by one, each the string at the top of the stack. */
size_t pb_node_type_size(const pb_schema *schema);
void pb_node_type_init(pb_node_type *type, const pb_schema *schema);
void pb_node_type_enter(lua_State *L, pb_node_type *type, int position);

/* The position of the field that the string at `index` names. 0: there is none, or the name is too long to be
 * told by its address; then pb_node_position finds it. */
static inline int pb_node_type_find(lua_State *L, const pb_node_type *type, int index) {
  const void *identity = pb_identity(L, index);
  size_t at = ((uintptr_t)identity >> 4) & type->name_mask;
  while (type->names[at].identity != identity && type->names[at].identity)
    at = (at + 1) & type->name_mask;
  return type->names[at].position;
}

/* Below, `internals` is the absolute stack index of a node's internals. */

pb_node_type *pb_node_type_of(lua_State *L, int internals);
pb_node_mode pb_node_mode_of(lua_State *L, int internals);

/* Forgets the root's cached payload, because an assignment is about to change. (pb_node_newindex may skip
 * this: see pb_node_cache_payload.) */
void pb_node_drop_payload(lua_State *L, int internals);

/* Caches the text at the top, which stays there, as the root's payload until the next assignment. */
void pb_node_cache_payload(lua_State *L, int internals);

/* Pushes a part of the type. */
void pb_node_push_part(lua_State *L, int internals, int part);

/* The position of the field whose name is at `key`; 0: there is none. */
int pb_node_position(lua_State *L, int internals, int key);

/* Marks the node as not simple. */
void pb_node_make_special(lua_State *L, int internals);

/* Pushes the table in `slot` of the internals. Creates it if there is none, and the node is not simple
 * then. */
void pb_node_push_slot_table(lua_State *L, int internals, int slot);

/* Pushes a new root node and its internals; `parts` is the index of its type's parts. */
void pb_node_new(lua_State *L, int parts);

/* Pushes the nested node at `position` and its internals. If there is none yet, creates it if `make`, else
 * pushes nothing and returns false. */
bool pb_node_child(lua_State *L, int internals, int position, bool make);

/* Whether the node is simple, as nearly all are: a root whose assignments are all in the slots of its fields,
 * and none of them is a table that a script holds. */
bool pb_node_is_simple(lua_State *L, int internals);

/* Whether any nested node was ever made. If not, pb_node_next finds all assignments. */
bool pb_node_has_children(lua_State *L, int internals);

/* The next assigned position after `position` (0 to begin with); 0: there is none. Needs four stack slots.
 * Quicker than testing each field: a record has many, a change has few. */
int pb_node_next(lua_State *L, int internals, int position);

/* Pushes the change in PB_SLOT_SENT or PB_SLOT_PENDING of a root's internals: a plain table that belongs to the
 * record, or nil. */
void pb_node_push_change(lua_State *L, int internals, int slot);

/* Pushes the node's last known state: a plain table, or nil when it is unknown or hidden by the assignment of
 * a whole object. Folds the latest response into the state first. */
void pb_node_push_state(lua_State *L, int internals);

/* Whether the value at the top, which comes from a state, can be an object. A vendor may send a list with
 * items in its place, which cannot be changed in part. */
bool pb_node_is_object(lua_State *L);

/* Raises unless the argument at `index` is a node; pushes its internals. */
void pb_record_check(lua_State *L, int index);

/* Removes every assignment in the node and below. Allocates nothing once PB_NODE_STACK is reserved. */
void pb_node_clear(lua_State *L, int internals);

/* Appends the node's path to `path`: `voice_routes`, `provisioned_routes.sms_settings`. */
void pb_node_add_path(lua_State *L, int internals, pb_buffer *path);

#endif
