/* The part `http`: pools of connections (http/pool.h). Mistakes of the caller raise; problems of the
 * network are in the transfer. Nothing raises from within libcurl. */

#include <math.h>
#include <string.h>

#include "lua/http.h"
#include "lua/parts.h"

/* With these bounds the milliseconds fit a long of 32 bits. */
static long milliseconds(lua_State *L, int index, const char *name) {
  double seconds = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;
  if (!(seconds > 0 && seconds <= 1e6))
    return luaL_error(L, "%s must be a number of seconds, above 0 and up to a million", name);
  return (long)ceil(seconds * 1000);
}

static double whole(lua_State *L, int index, const char *name, double least, double most) {
  double number = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : -1;
  if (!(number >= least && number <= most && floor(number) == number)) {
    lua_pushnumber(L, most);
    return luaL_error(L, "%s must be a whole number of at least %d and at most %s", name,
                      (int)least, lua_tostring(L, -1));
  }
  return number;
}

static const char *text(lua_State *L, int index, const char *name) {
  size_t length = 0;
  const char *value = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &length) : NULL;
  if (!value) luaL_error(L, "%s must be a string", name);
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)value[i] < ' ' || value[i] == 0x7f)
      luaL_error(L, "%s has a control character", name);
  return value;
}

/* Reads the option whose name is at -2 and whose value is at -1. The caller keeps the strings until
 * libcurl has copied them. */
static void read_option(lua_State *L, pb_http_settings *settings) {
  const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
  int value = lua_gettop(L);
  if (strcmp(name, "timeout") == 0) {
    settings->timeout_ms = milliseconds(L, value, name);
  } else if (strcmp(name, "connect_timeout") == 0) {
    settings->connect_timeout_ms = milliseconds(L, value, name);
  } else if (strcmp(name, "proxy") == 0) {
    settings->proxy = text(L, value, name);
  } else if (strcmp(name, "ca_file") == 0) {
    settings->ca_file = text(L, value, name);
  } else if (strcmp(name, "user_agent") == 0) {
    settings->user_agent = text(L, value, name);
  } else if (strcmp(name, "max_response_bytes") == 0) {
    settings->max_response_bytes = (size_t)whole(L, value, name, 0, 1 << 30);
  } else if (strcmp(name, "max_connections") == 0) {
    settings->max_connections = (long)whole(L, value, name, 1, 10000);
  } else if (strcmp(name, "connection_max_age") == 0) {
    settings->connection_max_age = (double)milliseconds(L, value, name) / 1000;
  } else if (strcmp(name, "http_version") == 0) {
    const char *version = text(L, value, name);
    if (strcmp(version, "1.1") != 0 && strcmp(version, "2") != 0)
      luaL_error(L, "http_version must be \"1.1\" or \"2\"");
    settings->http_version =
        version[0] == '1' ? (long)CURL_HTTP_VERSION_1_1 : (long)CURL_HTTP_VERSION_2TLS;
  } else {
    luaL_error(L, "a pool has no option %s", name);
  }
}

/* http.pool{ timeout =, connect_timeout =, proxy =, ca_file =, user_agent =, max_response_bytes =,
 *            max_connections =, connection_max_age =, http_version = } */
static int pool_new(lua_State *L) {
  pb_http_settings settings = pb_http_defaults();
  if (!lua_isnoneornil(L, 1)) {
    luaL_checktype(L, 1, LUA_TTABLE);
    /* A copy, which keeps the strings: a finalizer may change the caller's table. */
    lua_newtable(L);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, -5);
    }
    lua_replace(L, 1);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) read_option(L, &settings);
  }
  pb_lua_pool *self = pb_http_push(L, PB_HTTP_POOL, sizeof *self);
  lua_newtable(L);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, 0);
  pb_set_inner(L, -2);
  const char *problem;
  self->pool = pb_http_pool_new(&settings, &problem);
  return self->pool ? 1 : luaL_error(L, "cannot make a pool of connections: %s", problem);
}

static pb_lua_pool *check_self(lua_State *L) {
  pb_lua_pool *self = pb_http_check(L, 1, PB_HTTP_POOL);
  if (!self->pool) luaL_error(L, "the pool is closed");
  return self;
}

static pb_http_pool *check_pool(lua_State *L) {
  return check_self(L)->pool;
}

static int pool_gc(lua_State *L) {
  pb_lua_pool *self = pb_http_check(L, 1, PB_HTTP_POOL);
  pb_http_pool_free(self->pool);
  self->pool = NULL;
  return 0;
}

/* The arguments of pool:start as stack indices, and the pool's table of loans. */
enum { POOL = 1, METHOD, URL, HEADERS, BODY, TIMEOUT, TRANSFER, LOANS };

static void read_request(lua_State *L, const pb_http_pool *pool, pb_http_request *request) {
  size_t length;
  request->method = luaL_checklstring(L, METHOD, &length);
  if (length > PB_HTTP_METHOD_LENGTH || !pb_http_is_token(request->method, length))
    luaL_argerror(L, METHOD, "this is not an HTTP method");
  request->url = luaL_checklstring(L, URL, &length);
  if (!pb_http_pool_knows(pool, request->url, length)) {
    const char *problem = pb_http_url_problem(request->url, length);
    if (problem) luaL_argerror(L, URL, problem);
  }
  if (!lua_isnoneornil(L, HEADERS))
    request->headers = *(pb_headers **)pb_http_check(L, HEADERS, PB_HTTP_HEADERS);
  if (!lua_isnoneornil(L, BODY)) {
    luaL_argcheck(L, lua_type(L, BODY) == LUA_TSTRING, BODY, "the body must be a string");
    request->body = lua_tolstring(L, BODY, &request->body_length);
  }
  request->timeout_ms = lua_isnoneornil(L, TIMEOUT) ? pb_http_pool_settings(pool)->timeout_ms
                                                    : milliseconds(L, TIMEOUT, "timeout");
}

/* Puts a transfer at TRANSFER, whose loans are in the table pushed at LOANS: a spare one, or a new one. */
static pb_http_transfer *place_transfer(lua_State *L, pb_lua_pool *self) {
  pb_push_inner(L, POOL);
  if (self->spares == 0) {
    pb_http_transfer *transfer = pb_http_push(L, PB_HTTP_TRANSFER, sizeof *transfer);
    pb_http_transfer_init(transfer);
    lua_replace(L, TRANSFER);
    lua_pushvalue(L, LOANS);
    pb_set_inner(L, TRANSFER);
    return transfer;
  }
  lua_rawgeti(L, LOANS, -self->spares);
  lua_replace(L, TRANSFER);
  lua_pushboolean(L, 0);
  lua_rawseti(L, LOANS, -self->spares--);
  pb_http_transfer *spare = pb_http_check(L, TRANSFER, PB_HTTP_TRANSFER);
  pb_http_transfer_reset(spare);
  return spare;
}

/* pool:start(method, url, headers or nil, body or nil, timeout or nil) → transfer */
static int pool_start(lua_State *L) {
  pb_lua_pool *self = check_self(L);
  pb_http_pool *pool = self->pool;
  pb_http_request request = {0};
  lua_settop(L, TRANSFER);
  read_request(L, pool, &request);
  pb_http_transfer *transfer = place_transfer(L, self);

  /* From here on a failure leaves a transfer with a slot, which its collection gives back. */
  unsigned slot = pb_http_pool_lend(pool, transfer);
  if (slot == 0) return luaL_error(L, "not enough memory");
  if (request.body) lua_pushvalue(L, BODY);
  else lua_pushboolean(L, 0);
  lua_rawseti(L, LOANS, (int)(2 * slot));
  lua_pushvalue(L, TRANSFER);
  lua_rawseti(L, LOANS, (int)(2 * slot - 1));
  if (!pb_http_pool_start(pool, transfer, &request)) {
    pb_http_collect(L, TRANSFER, transfer);
    return luaL_error(L, "not enough memory");
  }
  lua_settop(L, TRANSFER);
  return 1;
}

/* pool:wait(transfer, seconds) → whether it is finished. Callers wait in slices of a second or less, so
 * that Lua's hooks (Ctrl-C) run in between. */
static int pool_wait(lua_State *L) {
  pb_http_pool *pool = check_pool(L);
  pb_http_transfer *transfer = pb_http_check(L, 2, PB_HTTP_TRANSFER);
  double seconds = luaL_checknumber(L, 3);
  luaL_argcheck(L, !transfer->handle || transfer->handle->pool == pool, 2,
                "this transfer belongs to another pool");
  pb_http_progress progress = pb_http_pool_wait(pool, transfer, seconds);
  if (progress == PB_HTTP_BROKEN) return luaL_error(L, "libcurl cannot go on");
  if (progress == PB_HTTP_DONE) pb_http_collect(L, 2, transfer);
  lua_pushboolean(L, progress == PB_HTTP_DONE);
  return 1;
}

/* Pushes the finished transfer of the pool at 1, and marks it as handed out. */
static void hand_out(lua_State *L, pb_http_transfer *transfer) {
  pb_push_inner(L, 1);
  lua_rawgeti(L, -1, (int)(2 * transfer->handle->slot - 1));
  pb_http_collect(L, lua_gettop(L), transfer);
}

/* pool:next(seconds) → a finished transfer that was not handed out yet, or nil */
static int pool_next(lua_State *L) {
  pb_http_pool *pool = check_pool(L);
  double seconds = luaL_checknumber(L, 2);
  pb_http_transfer *transfer = NULL;
  pb_http_progress progress = pb_http_pool_next(pool, seconds, &transfer);
  if (progress == PB_HTTP_BROKEN) return luaL_error(L, "libcurl cannot go on");
  if (progress != PB_HTTP_DONE) {
    lua_pushnil(L);
    return 1;
  }
  hand_out(L, transfer);
  return 1;
}

/* pool:take() → like next, but only a transfer that is known to be finished; does not call libcurl */
static int pool_take(lua_State *L) {
  pb_http_pool *pool = check_pool(L);
  pb_http_transfer *transfer = pb_http_pool_finished(pool);
  if (!transfer) {
    lua_pushnil(L);
    return 1;
  }
  hand_out(L, transfer);
  return 1;
}

/* pool:active() → the number of transfers that were started and neither handed out as finished nor
 * cancelled */
static int pool_active(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)pb_http_pool_active(check_pool(L)));
  return 1;
}

static const luaL_Reg pool_methods[] = {
    {"start", pool_start},   {"wait", pool_wait}, {"next", pool_next}, {"take", pool_take},
    {"active", pool_active}, {"__gc", pool_gc},   {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"pool", pool_new},
    {"headers", pb_http_headers_new},
    {NULL, NULL},
};

int pb_open_http(lua_State *L) {
  if (!pb_http_init()) return luaL_error(L, "libcurl does not start");
  pb_http_make_types(L);
  pb_http_fill_type(L, PB_HTTP_POOL, pool_methods);
  pb_http_fill_type(L, PB_HTTP_TRANSFER, pb_http_transfer_methods);
  pb_http_fill_type(L, PB_HTTP_HEADERS, pb_http_headers_methods);
  lua_newtable(L);
  pb_http_push_types(L);
  luaL_setfuncs(L, functions, PB_HTTP_TYPES);
  return 1;
}
