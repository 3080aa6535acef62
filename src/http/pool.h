#ifndef PB_HTTP_POOL_H
#define PB_HTTP_POOL_H

#include "http/handle.h"
#include "http/settings.h"

/* A pool of connections, and of handles that send over them. It belongs to one thread. After a fork only
 * one of the processes may use it. */
typedef struct pb_http_pool pb_http_pool;

/* Creates a pool. Returns null on failure; *problem is then the reason. */
pb_http_pool *pb_http_pool_new(const pb_http_settings *settings, const char **problem);
/* Frees the pool and takes back all handles, which cancels transfers in flight. */
void pb_http_pool_free(pb_http_pool *pool); /* null is allowed */

/* The settings; the strings in them are no longer valid. */
const pb_http_settings *pb_http_pool_settings(const pb_http_pool *pool);

/* Whether the handle that is lent next has requested this URL before, which then has no problem. */
bool pb_http_pool_knows(const pb_http_pool *pool, const char *url, size_t length);

/* Lends `transfer` a handle. Returns the number of the slot, from 1, or 0 when there is no memory. From
 * here on, as long as transfer->handle is set, the transfer must stay in place. */
unsigned pb_http_pool_lend(pb_http_pool *pool, pb_http_transfer *transfer);
/* Starts the request on the lent handle. If request->headers is null, only the pool's headers are sent. */
bool pb_http_pool_start(pb_http_pool *pool, pb_http_transfer *transfer,
                        const pb_http_request *request);

/* Ends the loan, so that the handle is free for others. A transfer in flight is cancelled, and its error
 * says so; a finished one keeps its result. */
void pb_http_pool_collect(pb_http_transfer *transfer);

/* The number of transfers that have a handle. */
size_t pb_http_pool_active(const pb_http_pool *pool);

typedef enum { PB_HTTP_DONE, PB_HTTP_PENDING, PB_HTTP_BROKEN } pb_http_progress;

/* Sends and receives for all transfers until `transfer` is finished (done) or `seconds` are over
 * (pending). Broken: libcurl itself has failed. */
pb_http_progress pb_http_pool_wait(pb_http_pool *pool, const pb_http_transfer *transfer,
                                   double seconds);
/* The same until any transfer finishes, which is then *transfer. Returns pending at once when none is in
 * flight. The cost does not depend on how many are in flight or finished. Collect the transfer before the
 * next call. */
pb_http_progress pb_http_pool_next(pb_http_pool *pool, double seconds, pb_http_transfer **transfer);

/* A finished transfer that has not been collected, or null. Does not call libcurl. */
pb_http_transfer *pb_http_pool_finished(const pb_http_pool *pool);

#endif
