/* Compiles a description, a Lua table with the keywords of OpenAPI, into a schema. Descriptions never come
 * from the network, so a mistake in one is a bug, and raises. */

#include "lua/schema.h"

#include "lua/buffer.h"
#include "lua/check.h"
#include "lua/description.h"
#include "lua/parts.h"
#include "lua/schema_compile.h"
#include "lua/userdata.h"

/* The memory of a schema is userdata in the inner table of the box, and no finalizer frees it: when a Lua
 * state closes, or a record is collected, finalizers of scripts may still use records after ours have run. */
typedef struct {
  const pb_schema *root;
  pb_pattern *compiling; /* freed once it is copied, or by __gc after an error */
} schema_box;

static void *take_from_lua(pb_arena *arena, size_t size) {
  const pb_description *c = arena->owner;
  luaL_checkstack(c->L, 2, "description too deep");
  void *block = lua_newuserdatauv(c->L, size, 0);
  lua_rawseti(c->L, c->blocks, (int)lua_rawlen(c->L, c->blocks) + 1);
  return block;
}

static int schema_gc(lua_State *L) {
  schema_box *box = luaL_checkudata(L, 1, PB_SCHEMA_METATABLE);
  pb_pattern_free(box->compiling);
  box->compiling = NULL;
  return 0;
}

const pb_schema *pb_lua_check_schema(lua_State *L, int index) {
  schema_box *box = luaL_checkudata(L, index, PB_SCHEMA_METATABLE);
  luaL_argcheck(L, box->root, index, "an unfinished schema");
  return box->root;
}

/* compile(description, lenient, body) -> schema
 *   lenient  also accepts fields that the description marks as undocumented, members that it does not name, and null
 *   body     "form": the members of the object are sent as a form (form.encode writes a payload as one), so null, an
 *            empty list, and nested values are refused wherever the schema is checked, also in assignments;
 *            "whole": they are those of a payload, and `lenient` does not let members pass that it, or a branch of the
 *            union that it is, does not name: each branch would take the members of the others;
 *            nil or "json": no such rule */
static int schema_compile(lua_State *L) {
  static const char *const bodies[] = {"json", "form", "whole", NULL};
  bool lenient = lua_toboolean(L, 2);
  int body = luaL_checkoption(L, 3, "json", bodies);
  lua_settop(L, 1);
  schema_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (schema_box){0};
  luaL_setmetatable(L, PB_SCHEMA_METATABLE);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  pb_set_inner(L, 2);
  lua_newtable(L);
  pb_arena arena = {.more = take_from_lua};
  pb_description c = {.L = L,
                      .arena = &arena,
                      .compiling = &box->compiling,
                      .blocks = 3,
                      .shared = 4,
                      .lenient = lenient,
                      .form = body == 1};
  arena.owner = &c;
  box->root = pb_compile_schema(&c, 1, (pb_inherited){.type = PB_ANY, .whole = body == 2});
  lua_settop(L, 2);
  return 1;
}

/* check(schema, value, path) -> true; or false and the message, with the path in front */
static int schema_check(lua_State *L) {
  const pb_schema *schema = pb_lua_check_schema(L, 1);
  luaL_checkany(L, 2);
  size_t length;
  const char *path = luaL_optlstring(L, 3, "", &length);
  pb_check check;
  pb_check_start(&check, path, length);
  if (pb_check_value(L, 2, schema, &check)) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  pb_check_push_message(L, &check);
  return 2;
}

/* integer(number) -> the same number, as an integer if Lua has integers and it is whole */
static int schema_integer(lua_State *L) {
#if PB_INTEGERS
  int whole;
  lua_Integer integer = lua_tointegerx(L, 1, &whole);
  if (whole && lua_type(L, 1) == LUA_TNUMBER) {
    lua_pushinteger(L, integer);
    return 1;
  }
#endif
  lua_settop(L, 1);
  return 1;
}

/* schema.copy(rules): a copy of the rules of one field, or of a list of them, which shares the tables in it. That of
 * one field has room for another keyword: a table that grows costs more than the copying. */
static int schema_copy(lua_State *L) {
  enum { SOURCE = 1, COPY };
  luaL_checktype(L, SOURCE, LUA_TTABLE);
  lua_settop(L, SOURCE);
  int positions = (int)lua_rawlen(L, SOURCE);
  int keywords = -positions;
  for (lua_pushnil(L); lua_next(L, SOURCE); lua_pop(L, 1)) keywords++;
  lua_createtable(L, positions, keywords > 0 ? keywords + 1 : 0);
  for (lua_pushnil(L); lua_next(L, SOURCE);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, COPY);
  }
  return 1;
}

int pb_open_schema(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"compile", schema_compile}, {"copy", schema_copy}, {"check", schema_check},
      {"integer", schema_integer}, {NULL, NULL},
  };
  static const luaL_Reg metamethods[] = {{"__gc", schema_gc}, {NULL, NULL}};
  pb_userdata_type(L, PB_SCHEMA_METATABLE, metamethods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
