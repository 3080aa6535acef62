/* Sets assignments aside for a while, so that a payload is made of the others: for updates that send only
 * the fields that differ. */

#include "record/record.h"

/* Assignments are set aside as a list of swaps, some entries each: the internals of a node, a slot, the slot's value, and the
 * one that it has meanwhile, where false stands for nil. All memory is taken before the first slot changes, and none
 * to put the values back. */
enum { INTERNALS = 1, SLOT, VALUE, MEANWHILE, SWAP = MEANWHILE };

/* The slot that holds the assignment of the member at `name` (a stack index). */
static int slot_of(lua_State *L, int internals, int name) {
  int position = pb_node_position(L, internals, name);
  if (!position) return PB_SLOT_EXTRA;
  bool assigned = pb_rawgeti(L, internals, PB_SLOT_ASSIGNED + position) != LUA_TNIL;
  lua_pop(L, 1);
  return assigned ? PB_SLOT_ASSIGNED + position : PB_SLOT_CHILDREN;
}

/* Pushes a copy of the table at the top of the stack, which has the same members. */
static void push_copy(lua_State *L) {
  int source = lua_gettop(L), copy = source + 1, key = source + 2;
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, source); lua_settop(L, key)) {
    lua_pushvalue(L, key);
    lua_insert(L, -2);
    lua_rawset(L, copy);
  }
}

/* Appends a swap of the slot, whose value is at the top, for the value at `meanwhile`, to the list at `swaps`. */
static void append(lua_State *L, int swaps, int internals, int slot, int meanwhile) {
  int value = lua_gettop(L), end = (int)lua_rawlen(L, swaps);
  lua_pushvalue(L, internals);
  lua_rawseti(L, swaps, end + INTERNALS);
  lua_pushinteger(L, slot);
  lua_rawseti(L, swaps, end + SLOT);
  lua_pushvalue(L, value);
  lua_rawseti(L, swaps, end + VALUE);
  lua_pushvalue(L, meanwhile);
  lua_rawseti(L, swaps, end + MEANWHILE);
}

/* Pushes the copy of the table in the slot that stands in for it meanwhile, which `copies` has by the table. Makes
 * it, and the swap, if there is none. Pushes nothing and returns false where the slot is empty. */
static bool push_stand_in(lua_State *L, int swaps, int copies, int internals, int slot) {
  if (pb_rawgeti(L, internals, slot) != LUA_TTABLE) {
    lua_pop(L, 1);
    return false;
  }
  int table = lua_gettop(L);
  lua_pushvalue(L, table);
  if (pb_rawget(L, copies) == LUA_TNIL) {
    lua_pop(L, 1);
    push_copy(L);
    lua_pushvalue(L, table);
    lua_pushvalue(L, table + 1);
    lua_rawset(L, copies);
    lua_pushvalue(L, table);
    append(L, swaps, internals, slot, table + 1);
    lua_settop(L, table + 1);
  }
  lua_replace(L, table);
  return true;
}

/* Adds to `swaps` the entries that set the member at `name` of the node aside. */
static void add_swap(lua_State *L, int swaps, int copies, int internals, int name) {
  int top = lua_gettop(L), slot = slot_of(L, internals, name);
  if (slot == PB_SLOT_EXTRA || slot == PB_SLOT_CHILDREN) {
    if (push_stand_in(L, swaps, copies, internals, slot)) {
      if (slot == PB_SLOT_CHILDREN) lua_pushinteger(L, pb_node_position(L, internals, name));
      else lua_pushvalue(L, name);
      lua_pushnil(L);
      lua_rawset(L, top + 1);
    }
  } else {
    lua_pushboolean(L, 0);
    lua_rawgeti(L, internals, slot);
    append(L, swaps, internals, slot, top + 1);
  }
  lua_settop(L, top);
}

/* Puts the values in the slots: those from before, or those of meanwhile. Allocates nothing. */
static void set_slots(lua_State *L, int swaps, int which) {
  int count = (int)lua_rawlen(L, swaps), top = lua_gettop(L);
  for (int i = 0; i < count; i += SWAP) {
    lua_rawgeti(L, swaps, i + INTERNALS);
    lua_rawgeti(L, swaps, i + SLOT);
    lua_rawgeti(L, swaps, i + which);
    if (which == MEANWHILE && lua_type(L, -1) == LUA_TBOOLEAN) {
      lua_pop(L, 1);
      lua_pushnil(L);
    }
    lua_rawseti(L, top + 1, (int)lua_tointeger(L, top + 2));
    lua_settop(L, top);
  }
}

/* set_aside(record, list) -> the swaps for restore
 *   list  of { node =, name = }: members of the record, or of objects in it, that are assigned as a whole */
int pb_record_set_aside(lua_State *L) {
  enum { RECORD = 1, LIST, RECORD_INTERNALS, SWAPS, COPIES, ENTRY, NAME, NODE, NODE_INTERNALS };
  luaL_checktype(L, LIST, LUA_TTABLE);
  lua_settop(L, LIST);
  pb_record_check(L, RECORD);
  luaL_checkstack(L, 16, "no room for a record");
  lua_newtable(L);
  lua_newtable(L);
  for (int i = 1, length = (int)lua_rawlen(L, LIST); i <= length; i++) {
    lua_rawgeti(L, LIST, i);
    lua_getfield(L, ENTRY, "name");
    lua_getfield(L, ENTRY, "node");
    pb_record_check(L, NODE);
    add_swap(L, SWAPS, COPIES, NODE_INTERNALS, NAME);
    lua_settop(L, COPIES);
  }
  lua_settop(L, SWAPS);
  pb_node_drop_payload(L, RECORD_INTERNALS);
  set_slots(L, SWAPS, MEANWHILE);
  return 1;
}

/* restore(record, swaps): assigns again the values that were set aside. Cannot fail. */
int pb_record_restore(lua_State *L) {
  enum { RECORD = 1, SWAPS, RECORD_INTERNALS };
  luaL_checktype(L, SWAPS, LUA_TTABLE);
  lua_settop(L, SWAPS);
  pb_record_check(L, RECORD);
  pb_node_drop_payload(L, RECORD_INTERNALS);
  set_slots(L, SWAPS, VALUE);
  return 0;
}
