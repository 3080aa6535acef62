#include "http/sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

/* Called by libcurl, and so must not meet Lua. */

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
  sockets->list[sockets->count++] = (pb_http_socket){.id = ++sockets->last_id, .fd = fd};
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
  CURLcode code = curl_easy_setopt(easy, CURLOPT_SOCKOPTDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_open);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  return code;
}

void pb_http_sockets_free(pb_http_sockets *sockets) {
  pb_free(sockets->list);
  *sockets = (pb_http_sockets){0};
}

static int port_of(const struct sockaddr_storage *address) {
  if (address->ss_family == AF_INET6)
    return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
  return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
}

static void ask_ports(pb_http_socket *socket) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(socket->fd, (struct sockaddr *)&address, &length) != 0) return;
  socket->local_port = port_of(&address);
  length = sizeof address;
  if (getpeername(socket->fd, (struct sockaddr *)&address, &length) == 0)
    socket->remote_port = port_of(&address);
}

static bool is_readable(const pb_http_socket *socket) {
  struct pollfd one = {.fd = socket->fd, .events = POLLIN};
  return poll(&one, 1, 0) != 0;
}

unsigned long pb_http_sockets_enter(pb_http_sockets *sockets, int local_port, int remote_port,
                                    bool *unfit, bool *reused) {
  *unfit = *reused = false;
  for (size_t i = 0; i < sockets->count; i++) {
    pb_http_socket *socket = &sockets->list[i];
    if (socket->remote_port == 0) ask_ports(socket);
    if (socket->local_port != local_port || socket->remote_port != remote_port) continue;
    if (socket->doubtful || (socket->one_at_a_time && is_readable(socket))) {
      *unfit = true;
      /* Where nobody waits for it any more, libcurl finds it closed. */
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
