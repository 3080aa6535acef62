/* Watches of responses, made once for each operation. */

#include "record/watch.h"

#include "lua/schema.h"

enum { MOST_WORDS = 8 };

/* Its address tells a watch from other userdata. */
static const char mark;

typedef struct {
  const char *mark;
  pb_watch watch;
  pb_text complete[MOST_WORDS];
  pb_watch_order sent_order, order;
} watch_box;

const pb_watch *pb_record_watch_at(lua_State *L, int index) {
  const watch_box *box = lua_touserdata(L, index);
  bool good = box && lua_rawlen(L, index) == sizeof *box && box->mark == &mark;
  if (!good) luaL_argerror(L, index, "a watch expected");
  return &box->watch;
}

/* The text at `name` in the table at `index`, kept alive by the table `anchors`; "" where there is none. */
static pb_text text_at(lua_State *L, int index, const char *name, int anchors) {
  pb_text text = {.bytes = "", .length = 0};
  lua_getfield(L, index, name);
  if (lua_type(L, -1) == LUA_TSTRING) {
    text.bytes = lua_tolstring(L, -1, &text.length);
    lua_pushvalue(L, -1);
    lua_rawseti(L, anchors, (int)lua_rawlen(L, anchors) + 1);
  }
  lua_pop(L, 1);
  return text;
}

static int position_of(const pb_schema *schema, const pb_text *name) {
  const pb_property *found = pb_schema_find(schema, name->bytes, name->length);
  return found ? (int)(found - schema->properties) + 1 : 0;
}

/* watch(schema, key, order, envelope) -> the watch of an operation's responses
 *   schema    the record's
 *   key       the name of its key, or nil
 *   order     { status =, complete = { words in small letters } }, or nil
 *   envelope  { code =, data =, message =, request_id =, timestamp = }, or nil */
int pb_record_watch(lua_State *L) {
  enum { SCHEMA = 1, KEY, ORDER, ENVELOPE, BOX, ANCHORS };
  const pb_schema *schema = pb_lua_check_schema(L, SCHEMA);
  luaL_optstring(L, KEY, NULL);
  lua_settop(L, ENVELOPE);
  watch_box *box = lua_newuserdatauv(L, sizeof *box, 1);
  *box = (watch_box){.mark = &mark, .watch = {.schema = schema}};
  lua_newtable(L);
  lua_pushvalue(L, SCHEMA);
  lua_rawseti(L, ANCHORS, 1);
  lua_pushvalue(L, ANCHORS);
  pb_set_inner(L, BOX);
  pb_watch *watch = &box->watch;
  watch->sent_order = &box->sent_order;
  watch->order = &box->order;
  pb_text key;
  key.bytes = lua_tolstring(L, KEY, &key.length);
  watch->key = key.bytes ? position_of(schema, &key) : 0;
  if (lua_type(L, ORDER) == LUA_TTABLE) {
    pb_text status = text_at(L, ORDER, "status", ANCHORS);
    watch->status = position_of(schema, &status);
    watch->complete = box->complete;
    lua_getfield(L, ORDER, "complete");
    luaL_checktype(L, -1, LUA_TTABLE);
    for (int i = 1; i <= (int)lua_rawlen(L, -1) && i <= MOST_WORDS; i++) {
      pb_text *word = &box->complete[watch->complete_count++];
      lua_rawgeti(L, -1, i);
      word->bytes = luaL_checklstring(L, -1, &word->length);
      lua_rawseti(L, ANCHORS, (int)lua_rawlen(L, ANCHORS) + 1);
    }
    lua_pop(L, 1);
  }
  if (lua_type(L, ENVELOPE) == LUA_TTABLE) {
    watch->code = text_at(L, ENVELOPE, "code", ANCHORS);
    watch->data = text_at(L, ENVELOPE, "data", ANCHORS);
    watch->message = text_at(L, ENVELOPE, "message", ANCHORS);
    watch->request_id = text_at(L, ENVELOPE, "request_id", ANCHORS);
    watch->timestamp = text_at(L, ENVELOPE, "timestamp", ANCHORS);
  }
  lua_settop(L, BOX);
  return 1;
}
