#include "record/place.h"

#include <stdint.h>
#include <string.h>

/* A whole number from 0 to 2^53 - 1, the same for texts that differ in the case of the letters A to Z alone; few others
 * have the same. It takes eight bytes at a time, and so ignores that bit of other characters too. */
static uint64_t hash_of(const char *text, size_t length) {
  static const uint64_t CASE = UINT64_C(0x2020202020202020), PRIME = UINT64_C(0x9e3779b97f4a7c15);
  uint64_t hash = length, word;
  for (; length >= sizeof word; length -= sizeof word, text += sizeof word) {
    memcpy(&word, text, sizeof word);
    hash = (hash ^ (word | CASE)) * PRIME;
    hash ^= hash >> 29;
  }
  if (length > 0) {
    word = 0;
    memcpy(&word, text, length);
    hash = (hash ^ (word | CASE)) * PRIME;
    hash ^= hash >> 29;
  }
  return hash >> 11;
}

void pb_record_push_place(lua_State *L, int key) {
  int type = lua_type(L, key);
  if (type == LUA_TNIL) {
    lua_pushliteral(L, "");
  } else if (type == LUA_TSTRING) {
    size_t length;
    const char *text = lua_tolstring(L, key, &length);
#if PB_INTEGERS
    lua_pushinteger(L, (lua_Integer)hash_of(text, length));
#else
    lua_pushnumber(L, (lua_Number)hash_of(text, length));
#endif
  } else {
    lua_pushvalue(L, key);
  }
}
