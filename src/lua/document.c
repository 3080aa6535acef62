/* The part `document`: the importer's questions about each value, name and path of a vendor's document. */

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "lua/buffer.h"
#include "lua/parts.h"
#include "lua/table.h"

/* ---- values ---- */

static bool is_table(lua_State *L) {
  return lua_type(L, 1) == LUA_TTABLE;
}

/* document.is_list(value): whether it is a table that is marked as an array. */
static int document_is_list(lua_State *L) {
  lua_pushboolean(L, is_table(L) && pb_has_array_metatable(L, 1));
  return 1;
}

/* document.is_object(value): whether it is a table that is not. */
static int document_is_object(lua_State *L) {
  lua_pushboolean(L, is_table(L) && !pb_has_array_metatable(L, 1));
  return 1;
}

/* ---- names ---- */

/* document.spelling(name): the letters and digits of a name in lower case, and its bytes beyond ASCII: "voicemail_pin",
 * "VoicemailPin" and "voicemail-pin" have the same. */
static int document_spelling(lua_State *L) {
  size_t length;
  const char *name = luaL_checklstring(L, 1, &length);
  char first[256];
  pb_buffer out;
  pb_lua_buffer_owner owner;
  lua_settop(L, 1);
  pb_lua_buffer_init(L, &out, &owner, first, sizeof first);
  pb_buffer_reserve(&out, length);
  for (size_t i = 0; i < length; i++)
    if (pb_ascii_is_alphanumeric(name[i]) || (unsigned char)name[i] >= 0x80)
      out.data[out.length++] = pb_ascii_lower(name[i]);
  pb_lua_push_buffer(L, &out);
  return 1;
}

/* ---- prose ---- */

/* Pairs of letters that follow each other in a text, as bits: most words that it does not have are told by a pair. */
enum { PAIRS = 1024 };

static unsigned pair_at(const char *at) {
  return ((unsigned)(unsigned char)pb_ascii_lower(at[0]) * 31 +
          (unsigned char)pb_ascii_lower(at[1])) %
         PAIRS;
}

static void note_pairs(uint8_t *pairs, const char *text, size_t length) {
  memset(pairs, 0, PAIRS / 8);
  for (size_t i = 0; i + 1 < length; i++) {
    unsigned pair = pair_at(text + i);
    pairs[pair / 8] = (uint8_t)(pairs[pair / 8] | 1 << pair % 8);
  }
}

static bool may_have(const uint8_t *pairs, const char *word, size_t length) {
  for (size_t i = 0; i + 1 < length; i++) {
    unsigned pair = pair_at(word + i);
    if (!(pairs[pair / 8] >> pair % 8 & 1)) return false;
  }
  return true;
}

static bool has(const char *text, size_t length, const char *word, size_t word_length) {
  for (size_t i = 0; i + word_length <= length; i++)
    if (pb_ascii_same(text + i, word, word_length)) return true;
  return false;
}

/* document.first_in(text, words): the first of the words, one on each line, that stands in the text, whatever the case
 * of the letters A to Z; or nil. */
static int document_first_in(lua_State *L) {
  size_t length, words_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *word = luaL_checklstring(L, 2, &words_length);
  const char *end = word + words_length;
  uint8_t pairs[PAIRS / 8];
  note_pairs(pairs, text, length);
  while (word < end) {
    const char *line_end = memchr(word, '\n', (size_t)(end - word));
    if (!line_end) line_end = end;
    size_t word_length = (size_t)(line_end - word);
    if (may_have(pairs, word, word_length) && has(text, length, word, word_length)) {
      lua_pushlstring(L, word, word_length);
      return 1;
    }
    word = line_end + 1;
  }
  lua_pushnil(L);
  return 1;
}

/* ---- paths ---- */

/* Whether a byte can stand in a path (RFC 3986, section 3.3). */
static bool in_path(char byte) {
  return pb_ascii_is_alphanumeric(byte) || (byte && strchr("/._-~%!$&'()*+,;=:@", byte));
}

static bool is_all_in_path(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!in_path(text[i])) return false;
  return true;
}

static bool is_name(const char *text, size_t length) {
  return length > 0 && !memchr(text, '{', length);
}

enum { PATH = 1, PIECES };

/* Adds to the pieces, of which there are `count`; returns how many there are then. */
static int add_piece(lua_State *L, int count, const char *piece, size_t length) {
  lua_pushlstring(L, piece, length);
  lua_rawseti(L, PIECES, count + 1);
  return count + 1;
}

/* document.template(path): the pieces of a path with parameters: texts at odd positions, and the names of parameters at
 * even ones, "/lines/{id}" -> { "/lines/", "id", "" }; the path without the names and without a slash at its end,
 * "/lines/{}"; whether it has no other characters than paths have, and a name in each pair of braces. */
static int document_template(lua_State *L) {
  size_t length;
  const char *at = luaL_checklstring(L, PATH, &length);
  const char *end = at + length;
  char first[512];
  pb_buffer anonymous;
  pb_lua_buffer_owner owner;
  bool plain = true;
  int count = 0;
  lua_settop(L, PATH);
  lua_createtable(L, 3, 0);
  pb_lua_buffer_init(L, &anonymous, &owner, first, sizeof first);
  for (;;) {
    const char *open = memchr(at, '{', (size_t)(end - at));
    const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
    size_t size = (size_t)((close ? open : end) - at);
    plain = plain && is_all_in_path(at, size);
    pb_buffer_add(&anonymous, at, size);
    count = add_piece(L, count, at, size);
    if (!close) break;
    plain = plain && is_name(open + 1, (size_t)(close - open - 1));
    pb_buffer_add_text(&anonymous, "{}");
    count = add_piece(L, count, open + 1, (size_t)(close - open - 1));
    at = close + 1;
  }
  while (anonymous.length > 1 && anonymous.data[anonymous.length - 1] == '/') anonymous.length--;
  lua_settop(L, owner.slot);
  lua_pushvalue(L, PIECES);
  pb_lua_push_buffer(L, &anonymous);
  lua_pushboolean(L, plain);
  return 3;
}

/* ---- references ---- */

/* The byte that `%XX` at `at` stands for; -1 where that is none. */
static int percent_decoded(const char *at, const char *end) {
  if (end - at < 3 || *at != '%') return -1;
  int high = pb_ascii_hex_value(at[1]), low = pb_ascii_hex_value(at[2]);
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

/* Decodes a part of a pointer in place (RFC 3986, section 2.1; RFC 6901, section 3); returns its length. */
static size_t decode_part(char *part, size_t length) {
  size_t bytes = 0, result = 0;
  for (size_t i = 0; i < length; i++) {
    int byte = percent_decoded(part + i, part + length);
    if (byte >= 0) i += 2;
    part[bytes++] = byte >= 0 ? (char)byte : part[i];
  }
  for (size_t i = 0; i < bytes; i++) {
    bool escaped = part[i] == '~' && i + 1 < bytes && (part[i + 1] == '0' || part[i + 1] == '1');
    if (escaped) i++;
    part[result++] = (char)(!escaped ? part[i] : part[i] == '0' ? '~' : '/');
  }
  return result;
}

/* document.pointer(ref): the parts of a JSON pointer within the fragment of a URI: "#/paths/~1lines" ->
 * { "paths", "/lines" }, "#" -> {}. nil where the text is none. */
static int document_pointer(lua_State *L) {
  enum { REF = 1, PARTS };
  size_t length;
  const char *at = luaL_checklstring(L, REF, &length);
  const char *end = at + length;
  lua_settop(L, REF);
  if (length == 0 || *at++ != '#' || (at < end && *at != '/')) {
    lua_pushnil(L);
    return 1;
  }
  char first[256];
  pb_buffer part;
  pb_lua_buffer_owner owner;
  lua_createtable(L, 2, 0);
  pb_lua_buffer_init(L, &part, &owner, first, sizeof first);
  for (int count = 1; at < end; count++) {
    const char *start = at + 1;
    at = memchr(start, '/', (size_t)(end - start));
    if (!at) at = end;
    part.length = 0;
    pb_buffer_add(&part, start, (size_t)(at - start));
    lua_pushlstring(L, part.data, decode_part(part.data, part.length));
    lua_rawseti(L, PARTS, count);
  }
  lua_settop(L, PARTS);
  return 1;
}

static const luaL_Reg functions[] = {{"is_list", document_is_list},
                                     {"is_object", document_is_object},
                                     {"spelling", document_spelling},
                                     {"first_in", document_first_in},
                                     {"template", document_template},
                                     {"pointer", document_pointer},
                                     {NULL, NULL}};

int pb_open_document(lua_State *L) {
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
