#include "http/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Where the system can open such a socket in one step, a program that another thread starts at the same
 * time does not inherit it either. */
curl_socket_t pb_http_socket_open(const struct curl_sockaddr *address, bool *used_up) {
#ifdef SOCK_CLOEXEC
  int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
#else
  int fd = socket(address->family, address->socktype, address->protocol);
  if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
#endif
  *used_up = fd < 0 && (errno == EMFILE || errno == ENFILE);
  return fd;
}

/* libcurl calls this, so it must not call into Lua. */

static curl_socket_t on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  pb_http_sockets *sockets = context;
  (void)purpose;
  return pb_http_socket_open(address, &sockets->used_up);
}

static int on_open(void *context, curl_socket_t fd, curlsocktype purpose) {
  pb_http_sockets *sockets = context;
  if (purpose != CURLSOCKTYPE_IPCXN) return CURL_SOCKOPT_OK;
  if (sockets->count == sockets->capacity) {
    size_t capacity = sockets->capacity ? sockets->capacity * 2 : 4;
    pb_http_socket *list = pb_realloc(sockets->list, capacity * sizeof *list);
    if (!list) return CURL_SOCKOPT_ERROR;
    sockets->list = list;
    sockets->capacity = capacity;
  }
  sockets->list[sockets->count++] =
      (pb_http_socket){.id = ++sockets->last_id, .fd = fd, .opened = now()};
  return CURL_SOCKOPT_OK;
}

static int on_close(void *context, curl_socket_t fd) {
  pb_http_sockets *sockets = context;
  for (size_t i = 0; i < sockets->count; i++) {
    if (sockets->list[i].fd != fd) continue;
    sockets->list[i] = sockets->list[--sockets->count];
    break;
  }
  return close(fd);
}

CURLcode pb_http_sockets_watch(pb_http_sockets *sockets, CURL *easy) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_socket);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  return code;
}

void pb_http_sockets_free(pb_http_sockets *sockets) {
  pb_free(sockets->list);
  *sockets = (pb_http_sockets){0};
}

static int port_of(const struct sockaddr_storage *end) {
  if (end->ss_family == AF_INET6)
    return ntohs(((const struct sockaddr_in6 *)(const void *)end)->sin6_port);
  return ntohs(((const struct sockaddr_in *)(const void *)end)->sin_port);
}

static bool is_address(const struct sockaddr_storage *end, const char *text) {
  size_t length = strcspn(text, "%"); /* the zone of a link-local address */
  char bare[INET6_ADDRSTRLEN];
  if (length >= sizeof bare) return false;
  memcpy(bare, text, length);
  bare[length] = '\0';
  if (end->ss_family == AF_INET6) {
    const struct sockaddr_in6 *own = (const void *)end;
    struct in6_addr address;
    return inet_pton(AF_INET6, bare, &address) == 1 &&
           memcmp(&address, &own->sin6_addr, sizeof address) == 0;
  }
  const struct sockaddr_in *own = (const void *)end;
  struct in_addr address;
  return end->ss_family == AF_INET && inet_pton(AF_INET, bare, &address) == 1 &&
         address.s_addr == own->sin_addr.s_addr;
}

/* Whether an end of a connection has the port and the address in the text, which is read once. */
static bool is_at(pb_http_end *end, const char *text, int port) {
  if (port_of(&end->address) != port) return false;
  if (strcmp(end->text, text) == 0) return true;
  if (!is_address(&end->address, text)) return false;
  if (strlen(text) < sizeof end->text) strcpy(end->text, text);
  return true;
}

static void ask_ends(pb_http_socket *socket) {
  struct sockaddr_storage *local = &socket->local.address, *remote = &socket->remote.address;
  socklen_t local_size = sizeof *local, remote_size = sizeof *remote;
  socket->connected = getsockname(socket->fd, (struct sockaddr *)local, &local_size) == 0 &&
                      getpeername(socket->fd, (struct sockaddr *)remote, &remote_size) == 0;
}

static bool is_between(pb_http_socket *socket, const pb_http_ends *where) {
  if (!socket->connected) ask_ends(socket);
  return socket->connected && is_at(&socket->local, where->local, where->local_port) &&
         is_at(&socket->remote, where->remote, where->remote_port);
}

static bool is_readable(const pb_http_socket *socket) {
  struct pollfd one = {.fd = socket->fd, .events = POLLIN};
  return poll(&one, 1, 0) != 0;
}

static bool is_outlived(const pb_http_sockets *sockets, const pb_http_socket *socket, double time) {
  return socket->used && time - socket->opened > sockets->max_age;
}

unsigned long pb_http_sockets_enter(pb_http_sockets *sockets, const pb_http_ends *where,
                                    bool *unfit, bool *reused) {
  *unfit = *reused = false;
  for (size_t i = 0; i < sockets->count; i++) {
    pb_http_socket *socket = &sockets->list[i];
    if (!is_between(socket, where)) continue;
    if (socket->doubtful || is_outlived(sockets, socket, now()) ||
        (socket->one_at_a_time && is_readable(socket))) {
      *unfit = true;
      /* libcurl finds a connection that nobody uses closed by this. */
      if (socket->users == 0) shutdown(socket->fd, SHUT_RDWR);
      return 0;
    }
    socket->users++;
    *reused = socket->used;
    socket->used = true;
    return socket->id;
  }
  return 0;
}

bool pb_http_sockets_outlived(pb_http_sockets *sockets, bool idle) {
  bool found = false;
  double time = now();
  for (size_t i = 0; i < sockets->count; i++) {
    if (time - sockets->list[i].opened <= sockets->max_age) continue;
    if (idle) shutdown(sockets->list[i].fd, SHUT_RDWR);
    else found = true;
  }
  return found;
}

void pb_http_sockets_leave(pb_http_sockets *sockets, unsigned long id, pb_http_seen seen) {
  for (size_t i = 0; id != 0 && i < sockets->count; i++) {
    pb_http_socket *socket = &sockets->list[i];
    if (socket->id != id) continue;
    socket->users--;
    if (seen == PB_HTTP_NOTHING_SEEN) return;
    socket->doubtful = seen == PB_HTTP_IN_DOUBT;
    socket->one_at_a_time = seen == PB_HTTP_ONE_AT_A_TIME;
    return;
  }
}
