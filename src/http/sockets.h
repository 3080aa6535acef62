#ifndef PB_HTTP_SOCKETS_H
#define PB_HTTP_SOCKETS_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The sockets that a pool has open, and what has been seen of the connection over each. libcurl would
 * send a request over a kept connection on which bytes are waiting already, and take them for its
 * answer; or over one of HTTP/2 that has died without a word, again and again. And one that is in use all
 * the time would be kept for ever, though the vendor's name leads elsewhere by now.
 *
 * No program that this process starts inherits the sockets. */

typedef struct {
  unsigned long id; /* from 1, never used twice: the system's numbers of sockets are */
  curl_socket_t fd;
  double opened;  /* when, by the monotonic clock */
  bool connected; /* the ends are known */
  struct sockaddr_storage local, remote;
  unsigned users;     /* requests that it has, and whose answer is awaited */
  bool used;          /* a request has gone over it before */
  bool one_at_a_time; /* between requests no bytes come */
  bool doubtful;      /* no further request is to go over it */
} pb_http_socket;

typedef struct {
  pb_http_socket *list;
  size_t count, capacity;
  unsigned long last_id;
  bool
      used_up; /* the last socket was not opened: the process, or the system, has no descriptor left */
  double max_age; /* seconds after which no further request goes over a connection */
} pb_http_sockets;

/* The ends of a connection, as libcurl tells them: addresses in text, without a zone, and ports. Ports
 * alone do not tell connections apart: one of this machine's serves for connections to several addresses. */
typedef struct {
  const char *local, *remote;
  int local_port, remote_port;
} pb_http_ends;

/* Opens a socket that programs started by this process do not inherit. `*used_up`: whether it was not opened
 * because the process, or the system, has no descriptor left. */
curl_socket_t pb_http_socket_open(const struct curl_sockaddr *address, bool *used_up);

/* Lets `easy`, and all that are made after it, tell of their sockets. `sockets` must outlive their
 * connections. */
CURLcode pb_http_sockets_watch(pb_http_sockets *sockets, CURL *easy);

/* Frees the list, when every connection is closed. */
void pb_http_sockets_free(pb_http_sockets *sockets);

/* A request is about to be sent over the connection `where`. The socket's id, 0 where it is not known;
 * *unfit says that it must go over another connection, *reused that it is not the first. */
unsigned long pb_http_sockets_enter(pb_http_sockets *sockets, const pb_http_ends *where,
                                    bool *unfit, bool *reused);

/* For releases of libcurl that do not tell where a request goes, whose users are not known. Whether some
 * connection is too old; where nothing is in flight (`idle`), such connections are shut down, and none is
 * left. */
bool pb_http_sockets_outlived(pb_http_sockets *sockets, bool idle);

/* What a request that has ended tells about its connection: nothing; it was answered, by a protocol
 * for one request at a time, or for several; it was not answered, or not clearly. */
typedef enum {
  PB_HTTP_NOTHING_SEEN,
  PB_HTTP_ONE_AT_A_TIME,
  PB_HTTP_SHARED,
  PB_HTTP_IN_DOUBT
} pb_http_seen;

/* The request that entered the socket `id` has ended. */
void pb_http_sockets_leave(pb_http_sockets *sockets, unsigned long id, pb_http_seen seen);

#endif
