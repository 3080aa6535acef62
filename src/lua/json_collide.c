#include "lua/json_collide.h"

#include <stdio.h>
#include <string.h>

#include "lua/buffer.h"
#include "system/entropy.h"
#include "json/find.h"
#include "json/scan.h"

/* LuaJIT hashes all of a string as soon as hashes collide. */
#if defined(LUA_JITLIBNAME) || LUA_VERSION_NUM > 504 ||                                            \
    (LUA_VERSION_NUM == 504 && LUA_VERSION_RELEASE_NUM >= 50403)

bool pb_lua_json_collides(lua_State *L, const char *text, size_t length, pb_json_error *error) {
  (void)L;
  (void)text;
  (void)length;
  (void)error;
  return false;
}

#else

enum {
  /* In a shorter text the worst strings cost a fraction of a second. */
  LEAST_LENGTH = 64 * 1024,
  /* Comparisons beyond those that any strings need: so many take a second or two. */
  MOST_COMPARISONS = 200 * 1000 * 1000,
  /* Lua's table of strings has a chain for each that it holds; here they are counted in so many. */
  CHAINS = 1 << 16,
  /* The strings that chance puts into one chain, beside four times its share. */
  BY_CHANCE = 64,
  /* Lua 5.2 and later keep no more than one copy, and have hashed the whole, of strings up to here. */
  SHORT = LUA_VERSION_NUM == 501 ? -1 : 40
};

/* Strings seen before are known, with few mistakes, by bits at a hash that nobody outside can foresee: where a new
 * one is taken for an old one a comparison less is counted. */
typedef struct {
  uint32_t chains[CHAINS]; /* strings in each */
  uint64_t seed;
  size_t strings;
  uint64_t comparisons;
  size_t mask; /* of the number of a bit */
  unsigned char seen[];
} tally;

static size_t bits_for(size_t length) {
  size_t bits = (size_t)1 << 16;
  while (bits < length / 2 && bits < (size_t)1 << 26) bits *= 2;
  return bits;
}

/* Lua's own hash of a string; 5.2 and later begin it with a seed that does not change which strings collide. */
static uint32_t lua_hash(const char *text, size_t length) {
  uint32_t hash = (uint32_t)length;
  size_t step = (length >> 5) + 1;
  for (size_t left = length; left >= step; left -= step)
    hash ^= (hash << 5) + (hash >> 2) + (unsigned char)text[left - 1];
  return hash;
}

static bool is_new(tally *t, const char *text, size_t length) {
  uint64_t hash = t->seed;
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x9E3779B97F4A7C15) + (hash >> 32);
  size_t bit = (size_t)(hash >> 24) & t->mask;
  unsigned char set = (unsigned char)(1 << (bit & 7));
  bool was = t->seen[bit >> 3] & set;
  t->seen[bit >> 3] |= set;
  return !was;
}

/* Counts one string; false when there have been too many comparisons. */
static bool count(tally *t, const char *text, size_t length) {
  uint32_t *chain = &t->chains[lua_hash(text, length) & (CHAINS - 1)];
  if (is_new(t, text, length)) ++*chain, t->strings++;
  size_t expected = 4 * t->strings / CHAINS + BY_CHANCE;
  if (*chain > expected) t->comparisons += *chain - expected;
  return t->comparisons <= MOST_COMPARISONS;
}

bool pb_lua_json_collides(lua_State *L, const char *text, size_t length, pb_json_error *error) {
  if (length < LEAST_LENGTH) return false;
  int top = lua_gettop(L);
  luaL_checkstack(L, 4, "no room for a value");
  size_t bits = bits_for(length);
  tally *t = lua_newuserdatauv(L, sizeof *t + bits / 8, 0);
  memset(t, 0, sizeof *t + bits / 8);
  t->mask = bits - 1;
  t->seed = (uint64_t)(pb_random() * 9007199254740992.0) * UINT64_C(0x9E3779B97F4A7C15);
  char first[256];
  pb_buffer plain;
  pb_lua_buffer_owner owner;
  pb_lua_buffer_init(L, &plain, &owner, first, sizeof first);
  const char *end = text + length;
  bool good = true;
  for (const char *at = text; good && (at = memchr(at, '"', (size_t)(end - at))) != NULL;) {
    const char *inside = ++at;
    bool escaped;
    const char *quote = pb_json_closing_quote(at, end, &escaped);
    size_t size = (size_t)(quote - inside);
    at = quote + 1;
    if ((int64_t)size <= SHORT) continue;
    const char *behind = pb_json_skip_space(at, end);
    bool key = behind < end && *behind == ':';
    if (SHORT >= 0 && !key) continue;
    if (escaped) {
      pb_buffer_reserve(&plain, size);
      size = pb_json_unescape(inside, size, plain.data);
      inside = plain.data;
    }
    good = count(t, inside, size);
    if (good) continue;
    error->too_large = true;
    error->offset = (size_t)(quote - text) + 1;
    snprintf(error->message, sizeof error->message,
             "strings that this Lua cannot tell apart quickly, at byte %zu", error->offset);
  }
  lua_settop(L, top);
  return !good;
}

#endif
