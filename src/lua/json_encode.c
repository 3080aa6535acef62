/* Encodes a Lua value as JSON. */

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "base/show.h"
#include "lua/buffer.h"
#include "lua/json.h"
#include "lua/number.h"
#include "lua/record_mark.h"
#include "lua/table.h"
#include "json/writer.h"

/* A table that is being written. */
typedef struct {
  const void *table; /* its address, to detect a table within itself */
  bool array;
  int next;      /* array: position of the current item; object: place behind the current key */
  int end;       /* array: number of items; object: place behind its last key */
  int first_key; /* the place of its first key in `keys` */
} frame;

typedef struct {
  const char *text;
  size_t length;
  int anchor; /* index in the table `anchors` of the string, which keeps `text` alive */
} key;

/* Above these slots, Lua's stack has the open tables and the current value. Frames and keys are not on the
 * C stack, so its depth does not depend on the value. */
typedef struct {
  lua_State *L;
  pb_buffer *out;
  pb_json_write_error *error;
  pb_buffer frames;
  pb_buffer keys; /* of all open objects, those of the innermost one last */
  int anchors;    /* stack slot of a table with all strings that `keys` refers to */
  int plain;      /* stack slot of a function from a record to a plain table, or 0 */
  int tables;     /* opened so far; a shared one counts each time */
} writer;

/* A few tables and texts that are shared may make more JSON than memory can hold. */
enum { MOST_TABLES = 8 * 1000 * 1000 };
static const size_t LONGEST_TEXT = (size_t)1 << 30;

enum { FIRST_FRAMES = 16, FIRST_KEYS = 64 };

static frame *frames(writer *w) {
  return (frame *)(void *)w->frames.data;
}
static int depth(const writer *w) {
  return (int)(w->frames.length / sizeof(frame));
}
static key *keys(writer *w) {
  return (key *)(void *)w->keys.data;
}
static int key_count(const writer *w) {
  return (int)(w->keys.length / sizeof(key));
}

static bool refuse(writer *w, const char *format, const char *what) {
  static const char more[] = "...";
  pb_json_write_error *error = w->error;
  pb_buffer path;
  snprintf(error->message, sizeof error->message, format, what);
  pb_buffer_init_fixed(&path, error->path, sizeof error->path - sizeof more);
  for (int i = 0; i < depth(w) && !path.failed; i++) {
    const frame *f = &frames(w)[i];
    const size_t before = path.length;
    if (f->array) pb_show_position(&path, (size_t)f->next);
    else pb_show_step(&path, keys(w)[f->next - 1].text, keys(w)[f->next - 1].length);
    if (path.failed) path.length = before; /* no part of a step */
  }
  strcpy(error->path + path.length, path.failed ? more : "");
  return false;
}

static bool no_memory(writer *w) {
  return refuse(w, "%s", "not enough memory");
}

static bool write_bytes(writer *w, const char *bytes, size_t length) {
  return pb_buffer_add(w->out, bytes, length) || no_memory(w);
}

static bool write_text(writer *w, const char *text, size_t length, const char *what) {
  switch (pb_json_write_string(w->out, text, length)) {
  case PB_JSON_WRITTEN:
    return true;
  case PB_JSON_NO_MEMORY:
    return no_memory(w);
  default:
    return refuse(w, "%s is not valid UTF-8, which JSON requires", what);
  }
}

static bool write_number(writer *w, int index) {
#if PB_INTEGERS
  if (lua_isinteger(w->L, index))
    return pb_number_write_integer(w->out, lua_tointeger(w->L, index)) || no_memory(w);
#endif
  double value = lua_tonumber(w->L, index);
  if (isnan(value)) return refuse(w, "%s", "JSON has no NaN");
  if (isinf(value)) return refuse(w, "%s", "JSON has no infinite numbers");
#if !PB_INTEGERS
  bool whole = fabs(value) < (double)PB_LUA_EXACT_INTEGER && floor(value) == value;
  if (whole && !(value == 0 && signbit(value)))
    return pb_number_write_integer(w->out, (int64_t)value) || no_memory(w);
#endif
  return pb_number_write_double(w->out, value) || no_memory(w);
}

static bool write_scalar(writer *w) {
  lua_State *L = w->L;
  size_t length;
  const char *text;
  switch (lua_type(L, -1)) {
  case LUA_TSTRING:
    text = lua_tolstring(L, -1, &length);
    return write_text(w, text, length, "the string");
  case LUA_TNUMBER:
    return write_number(w, -1);
  case LUA_TBOOLEAN:
    return lua_toboolean(L, -1) ? write_bytes(w, "true", 4) : write_bytes(w, "false", 5);
  case LUA_TLIGHTUSERDATA:
    if (!lua_touserdata(L, -1)) return write_bytes(w, "null", 4);
    if (pb_is_empty_array(L, -1)) return write_bytes(w, "[]", 2);
    break;
  case LUA_TUSERDATA:
    text = pb_lua_number_text(L, -1, &length);
    if (text) return write_bytes(w, text, length);
    break;
  case LUA_TNIL:
    return refuse(w, "%s", "cannot write nil as JSON; null is patchbay.null");
  default:
    break;
  }
  return refuse(w, "cannot write a %s as JSON", luaL_typename(L, -1));
}

static int compare_keys(const void *a, const void *b) {
  const key *left = a;
  const key *right = b;
  size_t shorter = left->length < right->length ? left->length : right->length;
  int order = memcmp(left->text, right->text, shorter);
  if (order != 0) return order;
  return (left->length > right->length) - (left->length < right->length);
}

/* Adds the keys of the object at the top to `keys`, sorted. */
static bool collect_keys(writer *w) {
  lua_State *L = w->L;
  int first = key_count(w);
  for (lua_pushnil(L); lua_next(L, -2);) {
    lua_pop(L, 1);
    key k = {.anchor = key_count(w) + 1};
    /* Only a finalizer that changes the table could have added another type. */
    if (lua_type(L, -1) != LUA_TSTRING) {
      lua_pop(L, 1);
      return refuse(w, "%s", "the table changed while it was written");
    }
    k.text = lua_tolstring(L, -1, &k.length);
    lua_pushvalue(L, -1);
    lua_rawseti(L, w->anchors, k.anchor);
    if (!pb_buffer_add(&w->keys, &k, sizeof k)) return no_memory(w);
  }
  qsort(keys(w) + first, (size_t)(key_count(w) - first), sizeof(key), compare_keys);
  return true;
}

/* Opens the table at the top, which stays there until it is closed. A record is replaced by its values. */
static bool open_table(writer *w) {
  lua_State *L = w->L;
  luaL_checkstack(L, 8, "tables nested too deep");
  if (w->plain && pb_is_record(L, -1)) {
    lua_pushvalue(L, w->plain);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
    if (lua_type(L, -1) != LUA_TTABLE) return refuse(w, "%s", "cannot write this record as JSON");
  }
  const void *table = lua_topointer(L, -1);
  for (int i = 0; i < depth(w); i++)
    if (frames(w)[i].table == table) return refuse(w, "%s", "the table contains itself");
  if (depth(w) == PB_JSON_MAX_DEPTH) {
    char deepest[16];
    snprintf(deepest, sizeof deepest, "%d", PB_JSON_MAX_DEPTH);
    return refuse(w, "tables nested deeper than %s", deepest);
  }
  if (++w->tables > MOST_TABLES)
    return refuse(
        w, "%s",
        "more than eight million tables, where a shared one counts each time; write it in parts");

  size_t length = 0;
  const char *why = NULL;
  pb_table_shape shape = pb_table_shape_of(L, -1, &length, &why);
  if (shape == PB_TABLE_MIXED) {
    if (pb_is_record(L, -1))
      return refuse(w, "%s", "cannot write a record as JSON; changes() is a plain table");
    return refuse(w, "cannot write %s as JSON", why);
  }
  if (length > INT_MAX / 2) return refuse(w, "%s", "too many members");
  frame f = {.table = table, .array = shape == PB_TABLE_ARRAY, .first_key = key_count(w)};
  if (f.array) {
    f.end = (int)length;
  } else {
    if (!collect_keys(w)) return false;
    f.next = f.first_key;
    f.end = key_count(w);
  }
  if (!pb_buffer_add(&w->frames, &f, sizeof f)) return no_memory(w);
  return write_bytes(w, f.array ? "[" : "{", 1);
}

/* Writes the text before the next member of the innermost table and pushes its value. At the end closes
 * the table instead, and `*pushed` is false. */
static bool next_member(writer *w, bool *pushed) {
  lua_State *L = w->L;
  frame *f = &frames(w)[depth(w) - 1];
  *pushed = f->next < f->end;
  if (!*pushed) {
    w->keys.length = (size_t)f->first_key * sizeof(key);
    w->frames.length -= sizeof *f;
    lua_pop(L, 1);
    return write_bytes(w, f->array ? "]" : "}", 1);
  }
  if (w->out->length > LONGEST_TEXT)
    return refuse(w, "%s", "more than 1 GiB of text; write it in parts");
  bool comma = f->next > (f->array ? 0 : f->first_key);
  f->next++;
  if (comma && !write_bytes(w, ",", 1)) return false;
  if (f->array) {
    lua_rawgeti(L, -1, f->next);
  } else {
    const key *k = &keys(w)[f->next - 1];
    if (!write_text(w, k->text, k->length, "the key")) return false;
    if (!write_bytes(w, ":", 1)) return false;
    lua_rawgeti(L, w->anchors, k->anchor);
    lua_rawget(L, -2);
  }
  return true;
}

static bool write_value(writer *w) {
  do {
    if (lua_type(w->L, -1) == LUA_TTABLE) {
      if (!open_table(w)) return false;
    } else {
      if (!write_scalar(w)) return false;
      lua_pop(w->L, 1);
    }
    bool pushed = false;
    while (depth(w) > 0 && !pushed)
      if (!next_member(w, &pushed)) return false;
  } while (depth(w) > 0);
  return true;
}

bool pb_lua_json_write(lua_State *L, int index, pb_buffer *out, pb_json_write_error *error) {
  return pb_lua_json_write_records(L, index, 0, out, error);
}

bool pb_lua_json_write_records(lua_State *L, int index, int plain, pb_buffer *out,
                               pb_json_write_error *error) {
  writer w = {.L = L, .out = out, .error = error, .plain = plain};
  pb_lua_buffer_owner frame_owner, key_owner;
  _Alignas(frame) char first_frames[FIRST_FRAMES * sizeof(frame)];
  _Alignas(key) char first_keys[FIRST_KEYS * sizeof(key)];
  int top = lua_gettop(L);
  index = lua_absindex(L, index);
  pb_lua_buffer_init(L, &w.frames, &frame_owner, first_frames, sizeof first_frames);
  pb_lua_buffer_init(L, &w.keys, &key_owner, first_keys, sizeof first_keys);
  luaL_checkstack(L, 8, "no room for a value");
  if (lua_type(L, index) == LUA_TTABLE) {
    lua_createtable(L, FIRST_KEYS, 0);
    w.anchors = lua_gettop(L);
  }
  lua_pushvalue(L, index);
  bool written = write_value(&w);
  lua_settop(L, top);
  return written;
}
