#ifndef PB_HTTP_LOOKUP_H
#define PB_HTTP_LOOKUP_H

#include "http/curl_include.h"
#include <stdbool.h>

/* libcurl looks names up in a thread of its own, and getaddrinfo cannot be stopped: a name server that never
 * answers keeps it for tens of seconds. libcurl waits for that thread when a transfer ends, is removed or
 * reaches its timeout, and all transfers of the process wait with it, unless it is told to leave the thread
 * behind. Such a thread runs libcurl's code and frees what it has by itself, so libcurl must stay loaded:
 * see stay_loaded.h. */

/* Tells a handle, and its copies, to leave look-ups behind: libcurl 7.87 and newer. */
void pb_http_lookup_of_easy(CURL *easy);

/* The same for a multi, which has the threads from libcurl 8.20 on. */
void pb_http_lookup_of_multi(CURLM *multi);

/* Whether the libcurl that runs waits for the thread in any case. With it a handle that is looked up for is
 * left in its multi instead, and another one taken in its place; one that was left sends nothing. */
bool pb_http_lookup_is_joined(void);

typedef struct {
  bool under_way; /* as far as is known: libcurl does not tell when a look-up fails */
  bool opened;    /* a socket was opened since: what is looked up now is not left */
  bool used_up;   /* as in pb_http_socket_open */
} pb_http_lookup;

/* Keeps *lookup up to date, which stays where it is as long as the handle does. */
CURLcode pb_http_lookup_watch(pb_http_lookup *lookup, CURL *easy);

/* Makes the handle one that was left: nothing of ours is called or used by it any more. */
void pb_http_lookup_leave(CURL *easy);

#endif
