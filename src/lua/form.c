/* The part `form`: bodies as application/x-www-form-urlencoded. */

#include "json/form.h"
#include "base/show.h"
#include "lua/buffer.h"
#include "lua/parts.h"
#include "json/find.h"
#include "json/reader.h"

/* Pushes the name of the member that a form cannot carry, with the position of the item: "Codecs[2]". */
static void push_place(lua_State *L, const pb_form_place *place) {
  enum { LONGEST = 400 };
  char name[LONGEST], bytes[LONGEST + 80];
  size_t length =
      pb_json_unescape(place->name, place->length > LONGEST ? LONGEST : place->length, name);
  pb_buffer path;
  pb_buffer_init_fixed(&path, bytes, sizeof bytes);
  pb_show_step(&path, name, length);
  if (place->position > 0) pb_show_position(&path, place->position);
  lua_pushlstring(L, path.data, path.length);
}

/* encode(json) -> the members of the object in `json`, a payload for instance, as
 * application/x-www-form-urlencoded: in the same order, numbers digit for digit, a list as its repeated name. A
 * masked payload becomes a masked form: `***` is written as it is.
 * Or nil, the member that a form cannot carry ("Codecs[2]"), and why, with the remedy; a schema compiled with
 * body = "form" refuses such values when they are assigned. Raises for JSON that is no object. */
static int form_encode(lua_State *L) {
  size_t length;
  luaL_checktype(L, 1, LUA_TSTRING);
  lua_settop(L, 1);
  const char *json = lua_tolstring(L, 1, &length);
  pb_json_error error;
  if (!pb_json_check(json, length, NULL, &error)) return luaL_argerror(L, 1, error.message);
  char first[2048];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
  pb_form_place place;
  const char *problem = pb_form_write(json, length, &out, &place);
  if (!problem) {
    lua_pushlstring(L, out.data, out.length);
    return 1;
  }
  luaL_argcheck(L, place.name[0] != '\0', 1, "an object in JSON expected");
  lua_pushnil(L);
  push_place(L, &place);
  lua_pushfstring(L, "got %s", problem);
  return 3;
}

int pb_open_form(lua_State *L) {
  static const luaL_Reg functions[] = {{"encode", form_encode}, {NULL, NULL}};
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
