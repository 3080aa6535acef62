#ifndef PB_HTTP_LOOKUP_H
#define PB_HTTP_LOOKUP_H

#include "http/curl_include.h"

/* libcurl looks names up in a thread of its own, and getaddrinfo cannot be stopped: a name server that never
 * answers keeps it for tens of seconds. libcurl waits for that thread when a transfer ends, is removed or
 * reaches its timeout, and all transfers of the process wait with it, unless it is told to leave the thread
 * behind. Such a thread runs libcurl's code and frees what it has by itself, so libcurl must stay loaded:
 * see stay_loaded.h. */

/* Tells a handle, and its copies, to leave look-ups behind: libcurl 7.87 and newer. */
void pb_http_lookup_of_easy(CURL *easy);

/* The same for a multi, which has the threads from libcurl 8.20 on. */
void pb_http_lookup_of_multi(CURLM *multi);

#endif
