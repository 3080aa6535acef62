#ifndef PB_HTTP_SOCKETS_H
#define PB_HTTP_SOCKETS_H

#include "http/curl_include.h"
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The open sockets of a pool, and the facts of the connection over each. libcurl would send a request
 * over a kept connection on which bytes are already waiting, and take them for the response; or again and
 * again over an HTTP/2 connection that died silently. And a connection in constant use would be kept for
 * good, although the vendor's name has another address by now.
 *
 * Programs that this process starts do not inherit the sockets. */

/* An end of a connection. */
typedef struct {
  struct sockaddr_storage address;
  char text[INET6_ADDRSTRLEN]; /* the address as libcurl has reported it; empty: not yet */
} pb_http_end;

typedef struct {
  unsigned long id; /* from 1, never reused, unlike the system's numbers of sockets */
  curl_socket_t fd;
  double opened;  /* when it was opened, by the monotonic clock */
  bool connected; /* the ends are known */
  pb_http_end local, remote;
  unsigned users;     /* requests on it whose response is outstanding */
  bool used;          /* it has carried a request before */
  bool one_at_a_time; /* the server sends no bytes between requests */
  bool doubtful;      /* it gets no further request */
} pb_http_socket;

typedef struct {
  pb_http_socket *list;
  size_t count, capacity;
  unsigned long last_id;
  bool used_up;   /* the last socket was not opened: no descriptor is left */
  double max_age; /* seconds after which a connection gets no further request */
} pb_http_sockets;

/* The ends of a connection, as libcurl reports them: addresses as text, without a zone, and ports. Ports
 * alone do not identify a connection: one local port serves for connections to several addresses. */
typedef struct {
  const char *local, *remote;
  int local_port, remote_port;
} pb_http_ends;

/* Opens a socket that programs started by this process do not inherit. `*used_up`: whether it was not opened
 * because the process, or the system, has no descriptor left. */
curl_socket_t pb_http_socket_open(const struct curl_sockaddr *address, bool *used_up);

/* Makes `easy`, and all handles copied from it, report their sockets. `sockets` must outlive their
 * connections. */
CURLcode pb_http_sockets_watch(pb_http_sockets *sockets, CURL *easy);

/* Frees the list. Every connection must be closed. */
void pb_http_sockets_free(pb_http_sockets *sockets);

/* Call before a request is sent over the connection `where`. Returns the id of the socket, or 0 if
 * unknown. *unfit tells that the request must use another connection, *reused that it is not the first
 * one. */
unsigned long pb_http_sockets_enter(pb_http_sockets *sockets, const pb_http_ends *where,
                                    bool *unfit, bool *reused);

/* For releases of libcurl that do not report the connection of a request, so that its users are unknown.
 * Returns whether some connection is too old. If nothing is in flight (`idle`), such connections are shut
 * down, and none remains. */
bool pb_http_sockets_outlived(pb_http_sockets *sockets, bool idle);

/* The evidence of an ended request about its connection: none; it was answered, by a protocol with one
 * request at a time or with several; or it was not answered, or not clearly. */
typedef enum {
  PB_HTTP_NOTHING_SEEN,
  PB_HTTP_ONE_AT_A_TIME,
  PB_HTTP_SHARED,
  PB_HTTP_IN_DOUBT
} pb_http_seen;

/* Call when the request that entered the socket `id` has ended. */
void pb_http_sockets_leave(pb_http_sockets *sockets, unsigned long id, pb_http_seen seen);

#endif
