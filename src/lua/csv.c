/* The part `csv`: the reader and the writer of csv/. lua/patchbay/bulk/csv.lua reads the files and words
 * most errors. */

#include "csv/reader.h"
#include "csv/writer.h"
#include "lua/buffer.h"
#include "lua/parts.h"
#include "lua/userdata.h"

static const char type_name[] = "patchbay.csv.reader";

/* Most lines of CSV are shorter. */
enum { LINE_SIZE = 512 };

static pb_csv_reader *check_reader(lua_State *L, int index) {
  return luaL_checkudata(L, index, type_name);
}

static char check_separator(lua_State *L, int index) {
  size_t length;
  const char *text = luaL_checklstring(L, index, &length);
  luaL_argcheck(L, length == 1, index, "one byte expected");
  return text[0];
}

/* csv.reader(separator): a reader; nil: "," unless a `sep=` line says another. */
static int csv_reader(lua_State *L) {
  char separator = lua_isnoneornil(L, 1) ? 0 : check_separator(L, 1);
  pb_csv_reader *reader = lua_newuserdatauv(L, sizeof *reader, 0);
  pb_csv_init(reader, separator);
  luaL_setmetatable(L, type_name);
  return 1;
}

/* reader:feed(text) */
static int reader_feed(lua_State *L) {
  pb_csv_reader *reader = check_reader(L, 1);
  size_t length;
  const char *text = luaL_checklstring(L, 2, &length);
  if (!pb_csv_feed(reader, text, length)) return luaL_error(L, "not enough memory");
  return 0;
}

/* reader:finish(): there is no more text. */
static int reader_finish(lua_State *L) {
  pb_csv_finish(check_reader(L, 1));
  return 0;
}

/* reader:stop(): no more rows are wanted. */
static int reader_stop(lua_State *L) {
  pb_csv_stop(check_reader(L, 1));
  return 0;
}

/* reader:announced(): the separator that a `sep=` line names, or nil. */
static int reader_announced(lua_State *L) {
  const pb_csv_reader *reader = check_reader(L, 1);
  if (!reader->announced) return 0;
  lua_pushlstring(L, &reader->announced, 1);
  return 1;
}

/* Pushes the reason that there is no row: nil, "more", "end", "separator" or "error", its line, and the
 * message of an error. */
static int push_no_row(lua_State *L, const pb_csv_reader *reader, pb_csv_result result) {
  if (result == PB_CSV_NO_MEMORY) return luaL_error(L, "not enough memory");
  lua_pushnil(L);
  lua_pushstring(L, result == PB_CSV_MORE        ? "more"
                    : result == PB_CSV_END       ? "end"
                    : result == PB_CSV_SEPARATOR ? "separator"
                                                 : "error");
  lua_pushinteger(L, (lua_Integer)reader->line);
  lua_pushstring(L, pb_csv_message(result));
  return 4;
}

static void push_field(lua_State *L, pb_csv_reader *reader, size_t index) {
  size_t length;
  const char *text = pb_csv_field(reader, index, &length);
  lua_pushlstring(L, text, length);
}

/* reader:fields(): the next row as a list of its fields, and the line it begins in; or push_no_row(). */
static int reader_fields(lua_State *L) {
  pb_csv_reader *reader = check_reader(L, 1);
  pb_csv_result result = pb_csv_next(reader);
  if (result != PB_CSV_ROW) return push_no_row(L, reader, result);
  lua_createtable(L, (int)reader->count, 0);
  for (size_t i = 0; i < reader->count; i++) {
    push_field(L, reader, i);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_pushinteger(L, (lua_Integer)reader->line);
  return 2;
}

/* Upvalues of the function that rows() gives. */
enum { READER = 1, NAMES, METATABLE };

/* The next row as a table by column, and the line it begins in; for a row of another length nil, "count",
 * the line and how many fields it has; or push_no_row(). */
static int next_row(lua_State *L) {
  pb_csv_reader *reader = lua_touserdata(L, lua_upvalueindex(READER));
  pb_csv_result result = pb_csv_next(reader);
  if (result != PB_CSV_ROW) return push_no_row(L, reader, result);
  if (reader->count != reader->most) {
    lua_pushnil(L);
    lua_pushstring(L, "count");
    lua_pushinteger(L, (lua_Integer)reader->line);
    lua_pushinteger(L, (lua_Integer)reader->count);
    return 4;
  }
  lua_createtable(L, 0, (int)reader->count);
  for (size_t i = 0; i < reader->count; i++) {
    lua_rawgeti(L, lua_upvalueindex(NAMES), (int)i + 1);
    push_field(L, reader, i);
    lua_rawset(L, -3);
  }
  lua_pushvalue(L, lua_upvalueindex(METATABLE));
  lua_setmetatable(L, -2);
  lua_pushinteger(L, (lua_Integer)reader->line);
  return 2;
}

/* reader:rows(names, metatable): a function that gives the rows, each a table of that metatable with its
 * fields by those names. */
static int reader_rows(lua_State *L) {
  pb_csv_reader *reader = check_reader(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  luaL_checktype(L, 3, LUA_TTABLE);
  reader->most = (size_t)lua_rawlen(L, 2);
  luaL_argcheck(L, reader->most > 0 && reader->most <= PB_CSV_MOST_COLUMNS, 2,
                "1 to 16384 names expected");
  lua_settop(L, 3);
  lua_pushcclosure(L, next_row, 3);
  return 1;
}

static int reader_free(lua_State *L) {
  pb_csv_free(check_reader(L, 1));
  return 0;
}

/* csv.line(fields, count, separator): one line, without a line end, of a list of strings. */
static int csv_line(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int count = (int)luaL_checkinteger(L, 2);
  char separator = check_separator(L, 3), first[LINE_SIZE];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
  for (int i = 1; i <= count; i++) {
    size_t length;
    lua_rawgeti(L, 1, i);
    const char *text = luaL_checklstring(L, -1, &length);
    if (i > 1) pb_buffer_add_char(&out, separator);
    pb_csv_write(&out, text, length, separator, count == 1);
    lua_pop(L, 1);
  }
  lua_pushlstring(L, out.data, out.length);
  return 1;
}

static const luaL_Reg methods[] = {{"feed", reader_feed},           {"finish", reader_finish},
                                   {"announced", reader_announced}, {"fields", reader_fields},
                                   {"rows", reader_rows},           {"stop", reader_stop},
                                   {"__gc", reader_free},           {NULL, NULL}};

static const luaL_Reg functions[] = {{"reader", csv_reader}, {"line", csv_line}, {NULL, NULL}};

int pb_open_csv(lua_State *L) {
  pb_userdata_type(L, type_name, methods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
