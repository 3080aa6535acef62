#ifndef PB_HTTP_SOCKETS_H
#define PB_HTTP_SOCKETS_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>

/* The sockets that a pool has open, and what has been seen of the connection over each. libcurl would
 * send a request over a kept connection on which bytes are waiting already, and take them for its
 * answer; or over one of HTTP/2 that has died without a word, again and again. */

typedef struct {
  unsigned long id; /* from 1, never used twice: the system's numbers of sockets are */
  curl_socket_t fd;
  int local_port, remote_port; /* 0: not asked for yet */
  unsigned users;              /* requests that it has, and whose answer is awaited */
  bool used;                   /* a request has gone over it before */
  bool one_at_a_time;          /* between requests no bytes come */
  bool doubtful;               /* no further request is to go over it */
} pb_http_socket;

typedef struct {
  pb_http_socket *list;
  size_t count, capacity;
  unsigned long last_id;
} pb_http_sockets;

/* Lets `easy`, and all that are made after it, tell of their sockets. `sockets` must outlive their
 * connections. */
CURLcode pb_http_sockets_watch(pb_http_sockets *sockets, CURL *easy);

/* Frees the list, when every connection is closed. */
void pb_http_sockets_free(pb_http_sockets *sockets);

/* A request is about to be sent over the connection between two ports. The socket's id, 0 where it is
 * not known; *unfit says that it must go over another connection, *reused that it is not the first. */
unsigned long pb_http_sockets_enter(pb_http_sockets *sockets, int local_port, int remote_port,
                                    bool *unfit, bool *reused);

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
