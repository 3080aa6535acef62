/* The module patchbay.redis: connections to Redis or Valkey over hiredis, which speaks the protocol. It is a rock of
 * its own, patchbay-redis, so that the core needs no hiredis. lua/patchbay/shared/hiredis.lua decides which
 * commands are sent and how long to wait. */

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

/* Their inline functions convert signs, which is an error where the headers are not the system's. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#include <hiredis/hiredis.h>
#ifdef PB_REDIS_TLS
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#endif
#pragma GCC diagnostic pop

#include "lua/compat.h"
#include "system/write_signals.h"

static const char type_name[] = "patchbay.redis.connection";

/* More than any command of ours has. */
#define MOST_ARGUMENTS 4096

/* The depth of replies: lists of lists at most. */
#define MOST_DEPTH 8

typedef struct {
  redisContext *context; /* NULL once it is closed */
  redisReply *reply;     /* held here while it is pushed, as pushing may raise */
#ifdef PB_REDIS_TLS
  SSL_CTX *authorities;
#endif
} connection;

static struct timeval to_timeval(double seconds) {
  struct timeval time = {.tv_sec = (time_t)seconds,
                         .tv_usec = (suseconds_t)((seconds - floor(seconds)) * 1e6)};
  if (time.tv_sec == 0 && time.tv_usec == 0) time.tv_usec = 1; /* 0 would wait for ever */
  return time;
}

static double check_seconds(lua_State *L, int index) {
  double seconds = luaL_checknumber(L, index);
  luaL_argcheck(L, seconds >= 0 && seconds < 1e6, index, "seconds expected");
  return seconds;
}

static void close_connection(connection *self) {
  pb_write_signals signals;
  if (self->reply) freeReplyObject(self->reply);
  self->reply = NULL;
  if (self->context) {
    pb_write_signals_hold(&signals); /* TLS says goodbye */
    redisFree(self->context);
    pb_write_signals_release(&signals);
  }
  self->context = NULL;
#ifdef PB_REDIS_TLS
  if (self->authorities) SSL_CTX_free(self->authorities);
  self->authorities = NULL;
#endif
}

static connection *check_connection(lua_State *L) {
  return luaL_checkudata(L, 1, type_name);
}

static const char *problem_of(const redisContext *context) {
  return context->errstr[0] ? context->errstr : "the connection is broken";
}

/* Closes the connection; pushes nil and the reason. */
static int broken(lua_State *L, connection *self, const char *problem) {
  lua_pushnil(L);
  lua_pushstring(L, problem);
  close_connection(self);
  return 2;
}

/* redis.connect(host or nil, port, path or nil, seconds): a connection; or nil and the reason. Looking up a name may
 * take longer. */
static int redis_connect(lua_State *L) {
  const char *host = luaL_optstring(L, 1, NULL), *path = luaL_optstring(L, 3, NULL);
  int port = (int)luaL_optinteger(L, 2, 0);
  struct timeval time = to_timeval(check_seconds(L, 4));
  connection *self = lua_newuserdatauv(L, sizeof *self, 1);
  memset(self, 0, sizeof *self);
  luaL_setmetatable(L, type_name);
  luaL_argcheck(L, host || path, 1, "host or path expected");
  self->context =
      path ? redisConnectUnixWithTimeout(path, time) : redisConnectWithTimeout(host, port, time);
  if (!self->context) return broken(L, self, "out of memory");
  if (self->context->err) return broken(L, self, problem_of(self->context));
  /* For the handshake of TLS, and for a server that takes nothing in. */
  if (redisSetTimeout(self->context, time) != REDIS_OK)
    return broken(L, self, problem_of(self->context));
  return 1;
}

#ifdef PB_REDIS_TLS
static const char *tls_problem(SSL *tls) {
  long verdict = tls ? SSL_get_verify_result(tls) : X509_V_OK;
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  const char *reason = ERR_reason_error_string(ERR_peek_error());
  return reason ? reason : "the handshake has failed";
}

/* hiredis itself would verify no host name. */
static SSL *new_tls(SSL_CTX *authorities, const char *host) {
  SSL *tls = SSL_new(authorities);
  if (!tls) return NULL;
  X509_VERIFY_PARAM *rules = SSL_get0_param(tls);
  bool is_address = X509_VERIFY_PARAM_set1_ip_asc(rules, host) == 1;
  if (is_address || (X509_VERIFY_PARAM_set1_host(rules, host, 0) == 1 &&
                     SSL_set_tlsext_host_name(tls, host) == 1)) {
    SSL_set_connect_state(tls);
    return tls;
  }
  SSL_free(tls);
  return NULL;
}
#endif

/* connection:secure(host, ca_file or nil): begins TLS, and verifies the server's certificate for `host`. true; or nil
 * and the reason. */
static int connection_secure(lua_State *L) {
  connection *self = check_connection(L);
  const char *host = luaL_checkstring(L, 2), *ca_file = luaL_optstring(L, 3, NULL);
  if (!self->context) return broken(L, self, "the connection is closed");
#ifdef PB_REDIS_TLS
  pb_write_signals signals;
  ERR_clear_error();
  self->authorities = SSL_CTX_new(TLS_client_method());
  if (!self->authorities) return broken(L, self, "out of memory");
  SSL_CTX_set_min_proto_version(self->authorities, TLS1_2_VERSION);
  SSL_CTX_set_verify(self->authorities, SSL_VERIFY_PEER, NULL);
  if ((ca_file ? SSL_CTX_load_verify_locations(self->authorities, ca_file, NULL)
               : SSL_CTX_set_default_verify_paths(self->authorities)) != 1)
    return broken(L, self, ca_file ? "the file of authorities cannot be read" : tls_problem(NULL));
  SSL *tls = new_tls(self->authorities, host);
  if (!tls) return broken(L, self, tls_problem(NULL));
  pb_write_signals_hold(&signals);
  int done = redisInitiateSSL(self->context, tls);
  pb_write_signals_release(&signals);
  if (done != REDIS_OK) {
    lua_pushnil(L);
    lua_pushstring(L, tls_problem(tls));
    SSL_free(tls); /* hiredis has taken it over only where it succeeds */
    close_connection(self);
    return 2;
  }
  lua_pushboolean(L, 1);
  return 1;
#else
  (void)host;
  (void)ca_file;
  return broken(
      L, self,
      "this build of patchbay-redis has no TLS: hiredis 1.0 or newer with hiredis_ssl is needed");
#endif
}

/* connection:send(argument, ...): sends a command. true; or nil and the reason. */
static int connection_send(lua_State *L) {
  connection *self = check_connection(L);
  int count = lua_gettop(L) - 1, done = 0;
  luaL_argcheck(L, count >= 1 && count <= MOST_ARGUMENTS, 2, "a command expected");
  if (!self->context) return broken(L, self, "the connection is closed");
  const char **arguments = lua_newuserdatauv(L, sizeof *arguments * (size_t)count, 0);
  size_t *lengths = lua_newuserdatauv(L, sizeof *lengths * (size_t)count, 0);
  for (int i = 0; i < count; i++) arguments[i] = luaL_checklstring(L, i + 2, &lengths[i]);
  if (redisAppendCommandArgv(self->context, count, arguments, lengths) != REDIS_OK)
    return broken(L, self, problem_of(self->context));
  pb_write_signals signals;
  pb_write_signals_hold(&signals);
  int status = REDIS_OK;
  while (!done && status == REDIS_OK) {
    errno = 0;
    status = redisBufferWrite(self->context, &done);
    /* hiredis takes a time limit that has passed for a full buffer, and would try for ever. */
    if (!done && status == REDIS_OK && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
  }
  pb_write_signals_release(&signals);
  if (status != REDIS_OK) return broken(L, self, problem_of(self->context));
  if (!done) return broken(L, self, "the server takes nothing in");
  lua_pushboolean(L, 1);
  return 1;
}

/* Pushes a reply as a Lua value: text, a number, false for nil, a list. */
static void push_reply(lua_State *L, const redisReply *reply, int depth) {
  luaL_checkstack(L, 4, "too many replies");
  switch (reply->type) {
  case REDIS_REPLY_INTEGER:
    lua_pushnumber(L, (lua_Number)reply->integer);
    break;
  case REDIS_REPLY_STRING:
  case REDIS_REPLY_STATUS:
  case REDIS_REPLY_ERROR:
    lua_pushlstring(L, reply->str, (size_t)reply->len);
    break;
  case REDIS_REPLY_ARRAY:
    lua_newtable(L);
    for (size_t i = 0; i < reply->elements && depth < MOST_DEPTH; i++) {
      push_reply(L, reply->element[i], depth + 1);
      lua_rawseti(L, -2, (int)i + 1);
    }
    break;
  default:
    lua_pushboolean(L, 0);
  }
}

/* Waits until something can be read, for at most so many seconds. Returns whether it can. */
static bool wait_readable(const redisContext *context, double seconds) {
  struct pollfd one = {.fd = context->fd, .events = POLLIN};
  return poll(&one, 1, (int)ceil(seconds * 1000)) > 0;
}

/* connection:receive(seconds): the reply to the earliest command that has none yet: true and its value, or false and
 * the text of an error; nothing if none has come in that time; nil and the reason if the connection is broken. */
static int connection_receive(lua_State *L) {
  connection *self = check_connection(L);
  double seconds = check_seconds(L, 2);
  if (!self->context) return broken(L, self, "the connection is closed");
  if (self->reply) freeReplyObject(self->reply); /* pushing it has raised */
  self->reply = NULL;
  for (int round = 0; !self->reply; round++) {
    void *reply = NULL;
    if (redisGetReplyFromReader(self->context, &reply) != REDIS_OK)
      return broken(L, self, problem_of(self->context));
    self->reply = reply;
    if (reply) break;
    /* A long reply comes in parts: each of them may take that time. */
    if (!wait_readable(self->context, seconds)) return 0;
    if (redisBufferRead(self->context) != REDIS_OK)
      return broken(L, self, problem_of(self->context));
  }
  bool is_error = self->reply->type == REDIS_REPLY_ERROR;
  lua_pushboolean(L, !is_error);
  push_reply(L, self->reply, 0);
  freeReplyObject(self->reply);
  self->reply = NULL;
  return 2;
}

static int connection_close(lua_State *L) {
  close_connection(check_connection(L));
  return 0;
}

static const luaL_Reg methods[] = {
    {"secure", connection_secure}, {"send", connection_send},  {"receive", connection_receive},
    {"close", connection_close},   {"__gc", connection_close}, {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"connect", redis_connect},
    {NULL, NULL},
};

__attribute__((visibility("default"))) int luaopen_patchbay_redis(lua_State *L);

int luaopen_patchbay_redis(lua_State *L) {
  if (luaL_newmetatable(L, type_name)) {
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
  }
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
#ifdef PB_REDIS_TLS
  lua_pushboolean(L, 1);
#else
  lua_pushboolean(L, 0);
#endif
  lua_setfield(L, -2, "has_tls");
  return 1;
}
