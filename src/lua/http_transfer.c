/* The part `http`: results of a transfer. */

#include "lua/http.h"

#include "lua/buffer.h"

static pb_http_transfer *check_transfer(lua_State *L) {
  return pb_http_check(L, 1, PB_HTTP_TRANSFER);
}

static int transfer_gc(lua_State *L) {
  pb_http_transfer *transfer = check_transfer(L);
  /* The table of loans need not be updated: it is garbage as well, or the transfer would still be in it. */
  pb_http_pool_collect(transfer);
  pb_http_transfer_free(transfer);
  return 0;
}

/* transfer:cancel(): stops a transfer in flight; its error is "cancelled" */
static int transfer_cancel(lua_State *L) {
  pb_http_collect(L, 1, check_transfer(L));
  return 0;
}

/* transfer:close(): cancels it, and frees the response now instead of when it is collected */
static int transfer_close(lua_State *L) {
  pb_http_transfer *transfer = check_transfer(L);
  pb_http_collect(L, 1, transfer);
  pb_buffer_free(&transfer->head);
  pb_buffer_free(&transfer->body);
  return 0;
}

static void push_status(lua_State *L, const pb_http_transfer *transfer) {
  long status = transfer->error.status > 0 ? transfer->error.status : transfer->status;
  if (status > 0) lua_pushinteger(L, (lua_Integer)status);
  else lua_pushnil(L);
}

/* transfer:status() → the status of the final response, or of a proxy that refused its credentials; or nil */
static int transfer_status(lua_State *L) {
  push_status(L, check_transfer(L));
  return 1;
}

/* transfer:error() → nil, or kind, message, sent ("no": certainly nothing; "maybe"), retry ("never": it
 * cannot help; "safe": nothing was sent, so it cannot harm; nil: it depends on the request) */
static int transfer_error(lua_State *L) {
  const pb_http_error *error = &check_transfer(L)->error;
  if (!error->kind) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushstring(L, error->kind);
  if (error->message.length > 0) {
    pb_lua_push_buffer(L, &error->message);
  } else {
    lua_pushstring(L, error->fallback);
  }
  lua_pushstring(L, error->maybe_sent ? "maybe" : "no");
  if (error->never_retry) lua_pushliteral(L, "never");
  else if (!error->maybe_sent) lua_pushliteral(L, "safe");
  else lua_pushnil(L);
  return 4;
}

static int transfer_body(lua_State *L) {
  pb_lua_push_buffer(L, &check_transfer(L)->body);
  return 1;
}

/* Lets the pool use the finished transfer at 1 again. */
static void give_back(lua_State *L, pb_http_transfer *transfer) {
  pb_push_inner(L, 1);
  lua_rawgeti(L, -1, 0);
  pb_lua_pool *pool = pb_http_check(L, -1, PB_HTTP_POOL);
  lua_pushvalue(L, 1);
  lua_rawseti(L, -3, -pool->spares - 1); /* may raise */
  pool->spares++;
  transfer->spare = true;
  lua_pop(L, 2);
}

/* transfer:result(gives_back) → status, body; or nil and the results of error(). One call instead of four. With
 * `gives_back` and a status of success nobody may use the transfer any more: pool:start() returns it again. */
static int transfer_result(lua_State *L) {
  pb_http_transfer *transfer = check_transfer(L);
  if (transfer->error.kind) {
    lua_pushnil(L);
    return 1 + transfer_error(L);
  }
  bool gives_back = lua_toboolean(L, 2);
  lua_settop(L, 1);
  push_status(L, transfer);
  pb_lua_push_buffer(L, &transfer->body);
  if (gives_back && !transfer->handle && !transfer->spare && transfer->status >= 200 &&
      transfer->status <= 299)
    give_back(L, transfer);
  return 2;
}

static bool same_name(const pb_http_field *field, const char *name, size_t length) {
  if (field->name_length != length) return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char a = (unsigned char)field->name[i], b = (unsigned char)name[i];
    if (a != b && ((a ^ b) != 0x20 || (a | 0x20) < 'a' || (a | 0x20) > 'z')) return false;
  }
  return true;
}

/* transfer:header(name) → its value, or several values joined by ", ", or nil */
static int transfer_header(lua_State *L) {
  enum { TRANSFER = 1, NAME, HEAD, VALUE };
  const pb_http_transfer *transfer = check_transfer(L);
  size_t length, head_length;
  const char *name = luaL_checklstring(L, NAME, &length);
  lua_settop(L, NAME);
  char *cursor = pb_lua_copy_buffer(L, &transfer->head, &head_length); /* HEAD */
  const char *end = cursor + head_length;
  pb_http_field field;
  while (head_length > 0 && pb_http_field_next(&field, &cursor, end)) {
    if (!same_name(&field, name, length)) continue;
    if (lua_gettop(L) >= VALUE) lua_pushliteral(L, ", ");
    lua_pushlstring(L, field.value, field.value_length);
    if (lua_gettop(L) > VALUE) lua_concat(L, 3);
  }
  if (lua_gettop(L) < VALUE) lua_pushnil(L);
  return 1;
}

/* transfer:headers() → { [name in lower case] = value, or several joined by ", " } */
static int transfer_headers(lua_State *L) {
  const pb_http_transfer *transfer = check_transfer(L);
  size_t length;
  char *cursor = pb_lua_copy_buffer(L, &transfer->head, &length);
  const char *end = cursor + length;
  lua_newtable(L);
  pb_http_field field;
  while (length > 0 && pb_http_field_next(&field, &cursor, end)) {
    for (size_t i = 0; i < field.name_length; i++) {
      char c = field.name[i];
      if (c >= 'A' && c <= 'Z') field.name[i] = (char)(c + ('a' - 'A'));
    }
    lua_pushlstring(L, field.name, field.name_length); /* table name */
    lua_pushvalue(L, -1);
    lua_rawget(L, -3); /* table name before|nil */
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_pushlstring(L, field.value, field.value_length);
    } else {
      lua_pushliteral(L, ", ");
      lua_pushlstring(L, field.value, field.value_length);
      lua_concat(L, 3);
    }
    lua_rawset(L, -3);
  }
  return 1;
}

/* transfer:http_version() → "1.0", "1.1", "2", or nil before a response */
static int transfer_http_version(lua_State *L) {
  switch (check_transfer(L)->http_version) {
  case CURL_HTTP_VERSION_1_0:
    lua_pushliteral(L, "1.0");
    break;
  case CURL_HTTP_VERSION_1_1:
    lua_pushliteral(L, "1.1");
    break;
  case CURL_HTTP_VERSION_2_0:
    lua_pushliteral(L, "2");
    break;
  default:
    lua_pushnil(L);
  }
  return 1;
}

const luaL_Reg pb_http_transfer_methods[] = {
    {"cancel", transfer_cancel},
    {"close", transfer_close},
    {"status", transfer_status},
    {"error", transfer_error},
    {"result", transfer_result},
    {"body", transfer_body},
    {"header", transfer_header},
    {"headers", transfer_headers},
    {"http_version", transfer_http_version},
    {"__gc", transfer_gc},
    {NULL, NULL},
};
