#ifndef PB_HTTP_POOL_H
#define PB_HTTP_POOL_H

#include "http/transfer.h"

/* A pool of connections, and of handles that send over them. It belongs to one thread; a process
 * must not fork with a pool and use it on both sides. */
typedef struct pb_http_pool pb_http_pool;

/* Fixed when the pool is made. Null strings are "not given". */
typedef struct {
  long timeout_ms;         /* of a whole request */
  long connect_timeout_ms; /* of name, connection and handshake */
  const char *proxy;   /* empty: none, not even the environment's, as it is when the pool is made */
  const char *ca_file; /* trusted instead of the system's certificates */
  const char *user_agent;
  size_t max_response_bytes; /* of a body, after decompression */
  long max_connections;
  double connection_max_age; /* seconds after which no further request goes over a connection */
  long http_version;         /* CURL_HTTP_VERSION_… */
} pb_http_settings;

/* Prepares libcurl for the process. Call before anything else here, while no other thread starts to
 * use libcurl if that is older than 7.84. False when libcurl cannot be used. */
bool pb_http_init(void);

/* The defaults: 30 s for a request, 10 s for a connection, 16 MiB, 64 connections, HTTP/2 where TLS
 * offers it. */
pb_http_settings pb_http_defaults(void);

/* Null when it cannot be made; *problem then says why. */
pb_http_pool *pb_http_pool_new(const pb_http_settings *settings, const char **problem);
/* Takes back every handle, cancelling what is in flight. */
void pb_http_pool_free(pb_http_pool *pool); /* null is allowed */

const pb_http_settings *pb_http_pool_settings(const pb_http_pool *pool); /* its numbers only */

/* Lends `transfer` a handle; the slot's number (from 1), or 0 when there is no memory. From here on,
 * as long as transfer->handle is set, the transfer must stay where it is. */
unsigned pb_http_pool_lend(pb_http_pool *pool, pb_http_transfer *transfer);
/* Starts the request on the lent handle. request->headers null: none but the pool's. */
bool pb_http_pool_start(pb_http_pool *pool, pb_http_transfer *transfer,
                        const pb_http_request *request);

/* Ends the loan: the handle is free for others. What was in flight is cancelled and its error says
 * so; what was finished keeps its result. */
void pb_http_pool_collect(pb_http_transfer *transfer);

/* How many transfers have a handle. */
size_t pb_http_pool_active(const pb_http_pool *pool);

typedef enum { PB_HTTP_DONE, PB_HTTP_PENDING, PB_HTTP_BROKEN } pb_http_progress;

/* Sends and receives for all transfers until `transfer` is finished (done) or `seconds` are over
 * (pending). Broken: libcurl itself failed. */
pb_http_progress pb_http_pool_wait(pb_http_pool *pool, const pb_http_transfer *transfer,
                                   double seconds);
/* The same for whichever finishes first: *transfer. Pending at once when none is in flight. Costs
 * the same however many are in flight or finished. Collect it before asking for the next. */
pb_http_progress pb_http_pool_next(pb_http_pool *pool, double seconds, pb_http_transfer **transfer);

/* A finished transfer that has not been collected, or null. Asks libcurl nothing. */
pb_http_transfer *pb_http_pool_finished(const pb_http_pool *pool);

#endif
