#ifndef PB_HTTP_LOOKUP_H
#define PB_HTTP_LOOKUP_H

#include "http/curl_include.h"
#include <stdbool.h>

/* libcurl looks names up in a thread of its own, and getaddrinfo cannot be stopped: a name server that
 * never answers blocks that thread for tens of seconds. When a transfer ends, is removed or reaches its
 * timeout, libcurl waits for the thread, and all transfers of the process wait with it, unless libcurl is
 * told to leave the thread behind. Such a thread runs code of libcurl and frees its own memory, so libcurl
 * must stay loaded: see system/stay_loaded.h. */

/* Tells a handle, and its copies, to leave look-ups behind; libcurl 7.87 and newer. */
void pb_http_lookup_of_easy(CURL *easy);

/* The same for a multi handle, which owns the threads from libcurl 8.20 on. */
void pb_http_lookup_of_multi(CURLM *multi);

/* Whether the libcurl that runs waits for the thread in any case. Then a handle whose name is being looked
 * up stays in its multi handle, and another one takes its place; the one that stays sends nothing. */
bool pb_http_lookup_is_joined(void);

typedef struct {
  bool under_way; /* as far as known: libcurl does not report a failed look-up */
  bool opened;    /* a socket was opened since, so a look-up of now is not left behind */
  bool used_up;   /* as in pb_http_socket_open */
} pb_http_lookup;

/* Keeps *lookup up to date. It must stay in place as long as the handle. */
CURLcode pb_http_lookup_watch(pb_http_lookup *lookup, CURL *easy);

/* Detaches the handle that is left behind: it calls and uses nothing of ours any more. */
void pb_http_lookup_leave(CURL *easy);

#endif
