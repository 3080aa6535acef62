/* The part `isolated`: evaluates a Lua text in a state of its own. lua/patchbay/desired/load.lua reads the files and
 * words most errors. */

#include "lua/isolated.h"

#include <time.h>

#include "lua/parts.h"
#include "lua/userdata.h"
#include "json/tokens.h"

static const char type_name[] = "patchbay.isolated";

enum {
  /* Between two looks at the count and the clock: so few that no loop runs on for long, although one instruction can
   * compare two texts of 100 MB. */
  INSTRUCTIONS_AT_ONCE = 100,
  /* Bytes that cost as much as one instruction: filling them takes about as long. */
  BYTES_PER_INSTRUCTION = 64,
  /* Instructions that a refusal of memory costs: Lua collects its garbage, and asks once more. */
  REFUSAL_COST = 500000,
};

/* The processor's time that this thread has taken. */
static double seconds_used(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) != 0) return 0;
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Refuses a block of Lua's. */
static void *refuse(pb_isolated *self) {
  self->denied = true;
  self->instructions -= REFUSAL_COST;
  return NULL;
}

/* The bytes in use are counted by the sizes of blocks that Lua passes. */
static void *allocate(void *data, void *block, size_t old_size, size_t new_size) {
  pb_isolated *self = data;
  size_t old = block ? old_size : 0; /* else it is a code for the object's type */
  size_t others = self->used > old ? self->used - old : 0;
  if (new_size > old) {
    self->instructions -= (int64_t)((new_size - old) / BYTES_PER_INSTRUCTION);
    if (self->instructions < 0 || others > self->limit || new_size > self->limit - others)
      return refuse(self);
  }
  void *result = self->allocate(self->data, block, old_size, new_size);
  if (result || new_size == 0) self->used = others + new_size;
  return result;
}

pb_isolated *pb_isolated_of(lua_State *state) {
  void *self;
  (void)lua_getallocf(state, &self);
  return self;
}

static void close_state(pb_isolated *self) {
  if (!self->state) return;
  /* LuaJIT frees its allocator only if it is still the state's. */
  lua_setallocf(self->state, self->allocate, self->data);
  lua_close(self->state);
  self->state = NULL;
}

static void finish(pb_isolated *self) {
  close_state(self);
  pb_buffer_free(&self->value);
  pb_buffer_init(&self->value);
}

static int isolated_gc(lua_State *L) {
  finish(luaL_checkudata(L, 1, type_name));
  return 0;
}

static void count(lua_State *state, lua_Debug *event) {
  pb_isolated *self = pb_isolated_of(state);
  if (event->event == LUA_HOOKLINE) {
    self->line = event->currentline;
    return;
  }
  self->instructions -= INSTRUCTIONS_AT_ONCE;
  self->late = seconds_used() >= self->deadline;
  if (self->instructions >= 0 && !self->late) return;
  lua_pushliteral(state, "stopped");
  lua_error(state);
}

#ifdef LUA_JITLIBNAME
/* Refuses LuaJIT's numbers of the library ffi, such as 1LL, 1ULL and 1i: they are values that no other Lua has. */
static void refuse_own_numbers(lua_State *state, const pb_isolated *self) {
  pb_tokens tokens = {.at = self->text, .end = self->text + self->length, .line = 1};
  pb_token token;
  for (pb_tokens_next(&tokens, &token); token.type != PB_TOKEN_END;
       pb_tokens_next(&tokens, &token)) {
    if (token.type != PB_TOKEN_NUMBER || !strchr("lLiI", token.start[token.length - 1])) continue;
    lua_pushfstring(state, "f:%d: a number ends with digits; LL, ULL and i are LuaJIT's own",
                    token.line);
    lua_error(state);
  }
}
#endif

/* Runs in the isolated state. */
static int evaluate(lua_State *state) {
  pb_isolated *self = pb_isolated_of(state);
  pb_isolated_set_names(state);
#ifdef LUA_JITLIBNAME
  refuse_own_numbers(state, self);
#endif
  if (luaL_loadbuffer(state, self->text, self->length, "=f")) return lua_error(state);
  lua_sethook(state, count, LUA_MASKCOUNT | LUA_MASKLINE, INSTRUCTIONS_AT_ONCE);
  lua_call(state, 0, 1);
  lua_sethook(state, NULL, 0, 0);
  pb_isolated_write(state, self);
  return 0;
}

static int evaluate_protected(lua_State *state) {
#if LUA_VERSION_NUM == 501
  return lua_cpcall(state, evaluate, NULL);
#else
  lua_pushcfunction(state, evaluate); /* takes no memory */
  return lua_pcall(state, 0, 0, 0);
#endif
}

/* Pushes false, the reason and the line, or nil, of a failed evaluation. Reasons of our own are words. */
static int push_failure(lua_State *L, pb_isolated *self, int status) {
  if (status == LUA_ERRMEM && !self->denied) return luaL_error(L, "not enough memory");
  lua_pushboolean(L, 0);
  if (self->late) {
    lua_pushliteral(L, "seconds");
  } else if (self->instructions < 0) {
    lua_pushliteral(L, "instructions");
  } else if (self->denied && status == LUA_ERRMEM) {
    lua_pushliteral(L, "memory");
  } else if (lua_type(self->state, -1) == LUA_TSTRING) {
    size_t length;
    const char *message = lua_tolstring(self->state, -1, &length);
    lua_pushlstring(L, message, length);
  } else {
    lua_pushliteral(L, "an error that is no text");
  }
  if (self->line > 0) lua_pushinteger(L, self->line);
  else lua_pushnil(L);
  return 3;
}

/* evaluate(text, new, ref, instructions, bytes, seconds) -> true and the value; or false, the reason, and the line that ran
 * last
 *   new, ref      metatables for the tables that these functions make: { name }, { ref =, collection = }
 *   instructions  at most, roughly; large blocks of memory count as some
 *   bytes         of memory, at most; also of the value
 *   seconds       of the processor's time, at most, roughly
 * The reason is "instructions", "memory", "seconds", or Lua's message, which begins with "f:12: " where a line is known. */
static int isolated_evaluate(lua_State *L) {
  enum { TEXT = 1, NEW, REF, INSTRUCTIONS, BYTES, SECONDS };
  size_t length;
  const char *text = luaL_checklstring(L, TEXT, &length);
  luaL_checktype(L, NEW, LUA_TTABLE);
  luaL_checktype(L, REF, LUA_TTABLE);
  lua_Number instructions = luaL_checknumber(L, INSTRUCTIONS), bytes = luaL_checknumber(L, BYTES);
  lua_Number seconds = luaL_checknumber(L, SECONDS);
  lua_settop(L, SECONDS);
  pb_isolated *self = lua_newuserdatauv(L, sizeof *self, 0);
  *self = (pb_isolated){.text = text, .length = length};
  pb_buffer_init(&self->value);
  luaL_setmetatable(L, type_name);
  self->instructions = (int64_t)instructions;
  self->limit = (size_t)bytes;
  self->deadline = seconds_used() + seconds;
  self->state = luaL_newstate();
  if (!self->state) return luaL_error(L, "not enough memory");
  self->allocate = lua_getallocf(self->state, &self->data);
  self->used = (size_t)lua_gc(self->state, LUA_GCCOUNT, 0) * 1024 +
               (size_t)lua_gc(self->state, LUA_GCCOUNTB, 0);
  lua_setallocf(self->state, allocate, self);
  int status = evaluate_protected(self->state);
  int results = 2;
  if (status) {
    results = push_failure(L, self, status);
  } else {
    close_state(self);
    lua_pushboolean(L, 1);
    pb_isolated_read(L, &self->value, NEW, REF);
  }
  finish(self);
  return results;
}

int pb_open_isolated(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"evaluate", isolated_evaluate}, {"duplicates", pb_lua_duplicates}, {NULL, NULL}};
  static const luaL_Reg metamethods[] = {{"__gc", isolated_gc}, {NULL, NULL}};
  pb_userdata_type(L, type_name, metamethods);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
