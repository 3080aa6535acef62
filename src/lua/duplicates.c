/* Finds keys that one table of a desired-state file, or one object of a JSON text, has twice. Both languages let the
 * later one win, and nothing in the value says that there was another. */

#include <string.h>

#include "lua/isolated.h"
#include "json/tokens.h"

enum {
  DEEPEST = 1000,    /* Lua and the JSON reader take no deeper nesting */
  MOST_FOUND = 1000, /* a file with more is no file of records */
};

typedef struct {
  lua_State *L;
  pb_tokens tokens;
  pb_token token;
  bool at_item; /* a key may follow */
  int depth;
  char kinds[DEEPEST]; /* of the brackets around: { [ ( or `b` for a block */
  int found;           /* stack index of the result */
  int count;
} scan;

/* Each `{` has a table on the stack: key -> line. */
static bool open_bracket(scan *self, char kind) {
  if (self->depth == DEEPEST) return false;
  self->kinds[self->depth++] = kind;
  if (kind == '{') {
    luaL_checkstack(self->L, 8, "nested too deeply");
    lua_newtable(self->L);
    self->at_item = true;
  }
  return true;
}

static bool close_bracket(scan *self) {
  if (self->depth == 0) return false;
  if (self->kinds[--self->depth] == '{') lua_pop(self->L, 1);
  return true;
}

static bool in_table(const scan *self) {
  return self->depth > 0 && self->kinds[self->depth - 1] == '{';
}

static void set_integer(lua_State *L, const char *name, int value) {
  lua_pushinteger(L, value);
  lua_setfield(L, -2, name);
}

/* Notes a key of the innermost table. Text and number are different keys. */
static void note(scan *self, const pb_token *key) {
  lua_State *L = self->L;
  lua_pushlstring(L, key->type == PB_TOKEN_NUMBER ? "#" : "$", 1);
  lua_pushlstring(L, key->start, key->length);
  lua_concat(L, 2);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3); /* table, key, line */
  int first = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (first == 0) {
    lua_pushinteger(L, key->line);
    lua_rawset(L, -3);
    return;
  }
  lua_pop(L, 1);
  if (self->count == MOST_FOUND) return;
  lua_createtable(L, 0, 3);
  lua_pushlstring(L, key->start, key->length);
  lua_setfield(L, -2, "key");
  set_integer(L, "line", key->line);
  set_integer(L, "first", first);
  lua_rawseti(L, self->found, ++self->count);
}

static void next(scan *self) {
  pb_tokens_next(&self->tokens, &self->token);
}

static bool is_mark(const pb_token *token, char mark) {
  return token->type == PB_TOKEN_MARK && token->mark == mark;
}

/* Whether the current token begins a key: `name =`, `["text"] =`, `[12] =`, or `"text":`. Reads past it. */
static bool read_key(scan *self, pb_token *key) {
  pb_tokens before = self->tokens;
  pb_token start = self->token;
  *key = start;
  if (self->tokens.json) {
    next(self);
    if (start.type == PB_TOKEN_STRING && is_mark(&self->token, ':')) return true;
  } else if (start.type == PB_TOKEN_NAME) {
    next(self);
    if (is_mark(&self->token, '=')) return true;
  } else if (is_mark(&start, '[')) {
    next(self);
    *key = self->token;
    next(self);
    bool closed = (key->type == PB_TOKEN_STRING || key->type == PB_TOKEN_NUMBER) &&
                  is_mark(&self->token, ']');
    if (closed) next(self);
    if (closed && is_mark(&self->token, '=')) return true;
  }
  self->tokens = before;
  self->token = start;
  return false;
}

static bool is_word(const pb_token *token, const char *word) {
  return token->length == strlen(word) && memcmp(token->start, word, token->length) == 0;
}

/* Follows the brackets and blocks. Returns false where they make no sense. */
static bool follow(scan *self) {
  const pb_token *token = &self->token;
  if (token->type == PB_TOKEN_NAME && !self->tokens.json) {
    if (is_word(token, "function") || is_word(token, "do") || is_word(token, "if") ||
        is_word(token, "repeat"))
      return open_bracket(self, 'b');
    if (is_word(token, "end") || is_word(token, "until")) return close_bracket(self);
  }
  if (token->type != PB_TOKEN_MARK) return true;
  switch (token->mark) {
  case '{':
  case '[':
  case '(':
    return open_bracket(self, token->mark);
  case '}':
  case ']':
  case ')':
    return close_bracket(self);
  case ',':
  case ';':
    self->at_item = true;
    return true;
  default:
    return true;
  }
}

/* duplicates(text, is_json) -> a list of { key =, line =, first = }, in the order of the text. `text` has no faults of
 * syntax. Keys whose escapes differ count as different. */
int pb_lua_duplicates(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  bool json = lua_toboolean(L, 2);
  lua_settop(L, 2);
  scan *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (scan){
      .L = L, .tokens = {.at = text, .end = text + length, .line = 1, .json = json}, .found = 4};
  lua_newtable(L);
  for (next(self); self->token.type != PB_TOKEN_END; next(self)) {
    bool at_item = self->at_item && in_table(self);
    self->at_item = false;
    pb_token key;
    if (at_item && read_key(self, &key)) note(self, &key);
    else if (!follow(self)) break;
  }
  lua_settop(L, self->found);
  return 1;
}
