/* A module with the system calls that a faulty server needs: sockets that are reset, half closed or never
 * accepted, TLS that ends without close_notify, a process for each connection.
 *
 * A failed system call returns nil and the system's name for the error. */

#define _DEFAULT_SOURCE

#include <errno.h>
#include <lauxlib.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int luaopen_sockets(lua_State *L);

static const char type_name[] = "sockets.connection";

/* A connection that its server has forgotten still ends. */
enum { LONGEST_LIFE_S = 60, READ_SIZE = 65536 };

typedef struct {
  int fd;
  SSL *tls; /* null: plain */
} connection;

static int fail(lua_State *L) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(errno));
  return 2;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* bind() -> fd, port: a free port that nobody else gets and that refuses connections */
static int socket_bind(lua_State *L) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
      getsockname(fd, (struct sockaddr *)&address, &length) != 0)
    return fail(L);
  lua_pushinteger(L, fd);
  lua_pushinteger(L, ntohs(address.sin_port));
  return 2;
}

/* listen(fd, backlog) */
static int socket_listen(lua_State *L) {
  if (listen((int)luaL_checkinteger(L, 1), (int)luaL_checkinteger(L, 2)) != 0) return fail(L);
  lua_pushboolean(L, 1);
  return 1;
}

static int push_connection(lua_State *L, int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection *self = lua_newuserdata(L, sizeof *self);
  *self = (connection){.fd = fd};
  luaL_getmetatable(L, type_name);
  lua_setmetatable(L, -2);
  return 1;
}

/* accept(fd) -> connection */
static int socket_accept(lua_State *L) {
  int fd = accept((int)luaL_checkinteger(L, 1), NULL, NULL);
  return fd < 0 ? fail(L) : push_connection(L, fd);
}

/* connect(port, without waiting) -> connection */
static int socket_connect(lua_State *L) {
  struct sockaddr_in address = loopback((int)luaL_checkinteger(L, 1));
  int fd = socket(AF_INET, SOCK_STREAM | (lua_toboolean(L, 2) ? SOCK_NONBLOCK : 0), 0);
  if (fd < 0) return fail(L);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno != EINPROGRESS) {
    close(fd);
    return fail(L);
  }
  return push_connection(L, fd);
}

/* poll({ fd, ... }, seconds) -> the index of the first descriptor that can be read, or nil */
static int socket_poll(lua_State *L) {
  struct pollfd list[1024];
  nfds_t count = 0;
  for (int i = 1; count < sizeof list / sizeof *list; i++) {
    lua_rawgeti(L, 1, i);
    if (lua_isnil(L, -1)) break;
    list[count++] = (struct pollfd){.fd = (int)lua_tointeger(L, -1), .events = POLLIN};
    lua_pop(L, 1);
  }
  lua_settop(L, 2);
  poll(list, count, (int)(luaL_checknumber(L, 2) * 1000));
  for (nfds_t i = 0; i < count; i++) {
    if (!list[i].revents) continue;
    lua_pushinteger(L, (lua_Integer)i + 1);
    return 1;
  }
  lua_pushnil(L);
  return 1;
}

/* fork() -> 0 in the child, which ends by itself after a while */
static int process_fork(lua_State *L) {
  pid_t pid = fork();
  if (pid < 0) return fail(L);
  if (pid == 0) alarm(LONGEST_LIFE_S);
  lua_pushinteger(L, pid);
  return 1;
}

/* lead() -> pid: makes the process lead a new group, and reaps its children automatically */
static int process_lead(lua_State *L) {
  setsid();
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  lua_pushinteger(L, getpid());
  return 1;
}

/* alive(pid) -> whether the process exists */
static int process_alive(lua_State *L) {
  lua_pushboolean(L, kill((pid_t)luaL_checkinteger(L, 1), 0) == 0 || errno == EPERM);
  return 1;
}

static int process_exit(lua_State *L) {
  (void)L;
  _exit(0);
}

static int process_sleep(lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  struct timespec time = {.tv_sec = (time_t)seconds,
                          .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
  nanosleep(&time, NULL);
  return 0;
}

static connection *check(lua_State *L) {
  connection *self = luaL_checkudata(L, 1, type_name);
  if (self->fd < 0) luaL_error(L, "the connection is closed");
  return self;
}

static int choose_protocol(SSL *tls, const unsigned char **chosen, unsigned char *length,
                           const unsigned char *offered, unsigned offered_length, void *wanted) {
  (void)tls;
  const char *name = wanted;
  for (unsigned i = 0; i < offered_length; i += 1u + offered[i]) {
    if (offered[i] != strlen(name) || memcmp(offered + i + 1, name, offered[i]) != 0) continue;
    *chosen = offered + i + 1;
    *length = offered[i];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

/* connection:handshake(certificate, key, protocol) -> true, or nil and the error */
static int connection_handshake(lua_State *L) {
  connection *self = check(L);
  /* Never freed: the process serves one connection, and the protocol's name lives as long. */
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  char *protocol = strdup(luaL_checkstring(L, 4));
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, protocol);
  if (SSL_CTX_use_certificate_chain_file(context, luaL_checkstring(L, 2)) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, luaL_checkstring(L, 3), SSL_FILETYPE_PEM) == 1) {
    self->tls = SSL_new(context);
    SSL_set_fd(self->tls, self->fd);
    if (SSL_accept(self->tls) == 1) {
      lua_pushboolean(L, 1);
      return 1;
    }
  }
  lua_pushnil(L);
  lua_pushstring(L, ERR_reason_error_string(ERR_get_error()));
  return 2;
}

/* connection:read(most, seconds) -> bytes, "" at the end; nil if nothing arrived or the connection broke */
static int connection_read(lua_State *L) {
  connection *self = check(L);
  size_t most = (size_t)luaL_optinteger(L, 2, READ_SIZE);
  int milliseconds = (int)(luaL_optnumber(L, 3, LONGEST_LIFE_S) * 1000);
  static char bytes[READ_SIZE];
  if (most > sizeof bytes) most = sizeof bytes;
  struct pollfd one = {.fd = self->fd, .events = POLLIN};
  if (!(self->tls && SSL_pending(self->tls) > 0) && poll(&one, 1, milliseconds) <= 0)
    return fail(L);
  ssize_t length =
      self->tls ? SSL_read(self->tls, bytes, (int)most) : recv(self->fd, bytes, most, 0);
  if (self->tls && length < 0)
    length = SSL_get_error(self->tls, (int)length) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  if (length < 0) return fail(L);
  lua_pushlstring(L, bytes, (size_t)length);
  return 1;
}

/* connection:send(bytes) -> whether they were sent */
static int connection_send(lua_State *L) {
  connection *self = check(L);
  size_t length;
  const char *bytes = luaL_checklstring(L, 2, &length);
  while (length > 0) {
    ssize_t sent = self->tls ? SSL_write(self->tls, bytes, (int)length)
                             : send(self->fd, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0) break;
    bytes += sent;
    length -= (size_t)sent;
  }
  lua_pushboolean(L, length == 0);
  return 1;
}

/* connection:finish(silently): ends the sending side, with TLS's close_notify unless silently */
static int connection_finish(lua_State *L) {
  connection *self = check(L);
  if (self->tls && !lua_toboolean(L, 2)) SSL_shutdown(self->tls);
  shutdown(self->fd, SHUT_WR);
  return 0;
}

/* connection:drop(reset): closes, with a TCP reset if wanted */
static int connection_drop(lua_State *L) {
  connection *self = check(L);
  struct linger linger = {.l_onoff = 1};
  if (lua_toboolean(L, 2)) setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close(self->fd);
  self->fd = -1;
  return 0;
}

static int connection_fd(lua_State *L) {
  lua_pushinteger(L, check(L)->fd);
  return 1;
}

static int connection_gc(lua_State *L) {
  connection *self = luaL_checkudata(L, 1, type_name);
  if (self->fd >= 0) close(self->fd);
  self->fd = -1;
  return 0;
}

static const luaL_Reg methods[] = {
    {"handshake", connection_handshake},
    {"read", connection_read},
    {"send", connection_send},
    {"finish", connection_finish},
    {"drop", connection_drop},
    {"fd", connection_fd},
    {"__gc", connection_gc},
    {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"bind", socket_bind},
    {"listen", socket_listen},
    {"accept", socket_accept},
    {"connect", socket_connect},
    {"poll", socket_poll},
    {"fork", process_fork},
    {"lead", process_lead},
    {"alive", process_alive},
    {"exit", process_exit},
    {"sleep", process_sleep},
    {NULL, NULL},
};

/* Lua 5.1 has no luaL_setfuncs. */
static void fill(lua_State *L, const luaL_Reg *list) {
  for (; list->name; list++) {
    lua_pushcfunction(L, list->func);
    lua_setfield(L, -2, list->name);
  }
}

int luaopen_sockets(lua_State *L) {
  luaL_newmetatable(L, type_name);
  fill(L, methods);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_newtable(L);
  fill(L, functions);
  return 1;
}
