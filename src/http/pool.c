#include "http/pool.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "http/lookup.h"
#include "http/quirks.h"

struct pb_http_pool {
  CURLM *multi;
  CURL *model; /* holds the settings; never sends */
  pb_headers *no_headers;
  char *user_agent; /* null if all handles have it permanently */
  bool proxied;     /* there may be a proxy */
  bool keeps_failed_lookups;
  double names_doubted_until; /* until then libcurl may cache failed look-ups */
  pb_http_sockets sockets;
  pb_http_handle **handles; /* by slot - 1 */
  unsigned handle_count;
  size_t active;
  size_t in_flight;
  unsigned long turns; /* counts how often libcurl was called to work on the transfers in flight */
  /* libcurl ran out of memory. It may count a connection that it was making as open for good, and later
   * transfers would wait for it. */
  bool distrusted;
  double next_look; /* for transfers whose time is over: see end_late */
  long slack_ms;    /* above 0: libcurl must not end a transfer during its look-up */
  double next_limit;
  size_t left;        /* number of handles left behind with their look-ups */
  pb_http_pool *next; /* in the list of closed pools */
  pb_http_handle *free;
  pb_http_handle *first_finished, *last_finished;
  pb_http_settings settings;
};

/* Seconds that libcurl has to end a transfer after its time is over. */
static const double GRACE = 0.5;

/* Where libcurl must not end a look-up, its timeouts are longer by this: enough for everything that can be
 * done without waiting. */
enum { SLACK_MS = 500 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A proxy that makes tunnels gets the user agent too, so with a proxy libcurl always knows it. Without
 * one, libcurl knows it only for requests that do not set their own; see accept_encodings in headers.c. */
static bool keep_user_agent(pb_http_pool *pool) {
  const char *text = pool->settings.user_agent;
  if (!text) return true;
  size_t size = strlen(text) + 1;
  pool->user_agent = pb_realloc(NULL, size);
  if (pool->user_agent) memcpy(pool->user_agent, text, size);
  return pool->user_agent != NULL;
}

static CURLM *new_multi(const pb_http_settings *settings) {
  CURLM *multi = curl_multi_init();
  if (!multi) return NULL;
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, settings->max_connections);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, settings->max_connections);
  pb_http_lookup_of_multi(multi);
  return multi;
}

static bool perform(pb_http_pool *pool);

static void destroy(pb_http_pool *pool) {
  curl_easy_cleanup(pool->model);
  curl_multi_cleanup(pool->multi);
  pb_http_sockets_free(&pool->sockets);
  pb_headers_release(pool->no_headers);
  pb_free(pool->user_agent);
  pb_free(pool->handles);
  pb_free(pool);
}

/* Pools that were closed during a look-up, where libcurl would wait for it. They are destroyed when a new
 * pool is made and the look-up has ended, or with the process. */
static pb_http_pool *closed;
static pthread_mutex_t closed_lock = PTHREAD_MUTEX_INITIALIZER;

static void keep_closed(pb_http_pool *pool) {
  pthread_mutex_lock(&closed_lock);
  pool->next = closed;
  closed = pool;
  pthread_mutex_unlock(&closed_lock);
}

static void destroy_closed(void) {
  pthread_mutex_lock(&closed_lock);
  for (pb_http_pool **place = &closed; *place;) {
    pb_http_pool *pool = *place;
    if (!perform(pool) || pool->left > 0) {
      place = &pool->next;
      continue;
    }
    *place = pool->next;
    destroy(pool);
  }
  pthread_mutex_unlock(&closed_lock);
}

pb_http_pool *pb_http_pool_new(const pb_http_settings *settings, const char **problem) {
  destroy_closed();
  *problem = "not enough memory";
  pb_http_pool *pool = pb_realloc(NULL, sizeof *pool);
  if (!pool) return NULL;
  *pool = (pb_http_pool){.multi = new_multi(settings),
                         .model = curl_easy_init(),
                         .no_headers = pb_headers_new(),
                         .slack_ms = pb_http_lookup_is_joined() ? SLACK_MS : 0,
                         .keeps_failed_lookups = pb_http_has(PB_HTTP_KEEPS_FAILED_LOOKUPS),
                         .settings = *settings};
  pool->sockets.max_age = settings->connection_max_age;
  bool straight = pb_http_is_direct(settings);
  pool->proxied = !straight;
  CURLcode code = CURLE_OUT_OF_MEMORY;
  if (pool->multi && pool->model && pool->no_headers && pb_headers_finish(pool->no_headers) &&
      (!straight || keep_user_agent(pool))) {
    code = pb_http_configure(pool->model, settings, straight, pool->slack_ms);
    if (!code) code = pb_http_sockets_watch(&pool->sockets, pool->model);
  }
  if (code == CURLE_OK) return pool;
  if (code != CURLE_OUT_OF_MEMORY) *problem = curl_easy_strerror(code);
  pb_http_pool_free(pool);
  return NULL;
}

void pb_http_pool_free(pb_http_pool *pool) {
  if (!pool) return;
  for (unsigned i = 0; i < pool->handle_count; i++) {
    if (pool->handles[i]->transfer) pb_http_pool_collect(pool->handles[i]->transfer);
    pb_http_handle_free(pool->handles[i]);
  }
  pool->handle_count = 0;
  if (pool->left > 0) perform(pool);
  if (pool->left > 0) keep_closed(pool);
  else destroy(pool);
}

const pb_http_settings *pb_http_pool_settings(const pb_http_pool *pool) {
  return &pool->settings;
}

size_t pb_http_pool_active(const pb_http_pool *pool) {
  return pool->active;
}

static pb_http_handle *new_handle(pb_http_pool *pool, unsigned slot) {
  pb_http_handle *handle = pb_http_handle_new(pool->model, pool->slack_ms);
  if (!handle) return NULL;
  handle->pool = pool;
  handle->slot = slot;
  handle->sockets = &pool->sockets;
  handle->body_limit = pool->settings.max_response_bytes;
  handle->connect_timeout_ms = pool->settings.connect_timeout_ms;
  handle->user_agent = pool->user_agent;
  handle->proxied = pool->proxied;
  handle->http_version = pool->settings.http_version;
  handle->previews = pb_http_has(PB_HTTP_KEEPS_FREED_HEADER);
  return handle;
}

static pb_http_handle *add_handle(pb_http_pool *pool) {
  unsigned count = pool->handle_count;
  /* Doubles at 1, 2, 4, …: a power of two is exactly full. */
  if ((count & (count - 1)) == 0) {
    size_t capacity = count ? (size_t)count * 2 : 1;
    pb_http_handle **handles = pb_realloc(pool->handles, capacity * sizeof *handles);
    if (!handles) return NULL;
    pool->handles = handles;
  }
  pb_http_handle *handle = new_handle(pool, count + 1);
  if (handle) pool->handles[pool->handle_count++] = handle;
  return handle;
}

bool pb_http_pool_knows(const pb_http_pool *pool, const char *url, size_t length) {
  const pb_http_handle *next = pool->free;
  return next && next->url.length == length + 1 && memcmp(next->url.data, url, length) == 0;
}

unsigned pb_http_pool_lend(pb_http_pool *pool, pb_http_transfer *transfer) {
  pb_http_handle *handle = pool->free;
  if (handle) {
    if (handle->spent && !pb_http_handle_renew(handle)) return 0;
    pool->free = handle->next;
  } else if (!(handle = add_handle(pool))) {
    return 0;
  }
  handle->next = NULL;
  handle->transfer = transfer;
  transfer->handle = handle;
  pool->active++;
  return handle->slot;
}

/* Closes all connections. Nothing is in flight. */
static bool reconnect(pb_http_pool *pool) {
  CURLM *multi = new_multi(&pool->settings);
  if (!multi) return false;
  curl_multi_cleanup(pool->multi);
  pool->multi = multi;
  pool->distrusted = false;
  return true;
}

/* Limits at which libcurl does not end the transfer itself. */
static void set_limits(pb_http_pool *pool, pb_http_handle *handle) {
  double begun = now();
  handle->latest = begun + (double)handle->timeout_ms / 1000;
  handle->connect_by = begun + (double)handle->connect_timeout_ms / 1000;
  double first = handle->latest < handle->connect_by ? handle->latest : handle->connect_by;
  if (pool->next_limit == 0 || first < pool->next_limit) pool->next_limit = first;
}

/* While libcurl may cache failed look-ups, its cache is not used for names. */
static bool doubt_names(pb_http_handle *handle, bool doubts) {
  if (handle->doubts_names == doubts) return true;
  if (curl_easy_setopt(handle->easy, CURLOPT_DNS_CACHE_TIMEOUT,
                       doubts ? 0L : (long)PB_HTTP_NAME_AGE))
    return false;
  handle->doubts_names = doubts;
  return true;
}

bool pb_http_pool_start(pb_http_pool *pool, pb_http_transfer *transfer,
                        const pb_http_request *request) {
  pb_http_request complete = *request;
  if (!complete.headers) complete.headers = pool->no_headers;
  pb_http_handle *handle = transfer->handle;
  if (pool->distrusted && pool->in_flight + pool->left == 0 && !reconnect(pool)) return false;
  if (handle->fresh_connection)
    handle->outlived = pb_http_sockets_outlived(&pool->sockets, pool->in_flight == 0);
  if (!doubt_names(handle, pool->names_doubted_until > 0 && now() < pool->names_doubted_until))
    return false;
  if (!pb_http_handle_prepare(handle, transfer, &complete) ||
      curl_multi_add_handle(pool->multi, handle->easy) != CURLM_OK)
    return false;
  handle->in_flight = true;
  handle->turn = pool->turns;
  pool->in_flight++;
  handle->latest = 0;
  if (pool->slack_ms) set_limits(pool, handle);
  return true;
}

/* libcurl is finished with the handle. */
static void take_out(pb_http_pool *pool, pb_http_handle *handle) {
  if (handle->lookup.under_way && pb_http_handle_leave(handle)) pool->left++;
  else curl_multi_remove_handle(pool->multi, handle->easy);
  handle->in_flight = false;
  pool->in_flight--;
}

static void forget_finished(pb_http_pool *pool, pb_http_handle *handle) {
  if (!handle->finished) return;
  if (handle->previous) handle->previous->next = handle->next;
  else pool->first_finished = handle->next;
  if (handle->next) handle->next->previous = handle->previous;
  else pool->last_finished = handle->previous;
  handle->previous = NULL;
  handle->finished = false;
}

void pb_http_pool_collect(pb_http_transfer *transfer) {
  pb_http_handle *handle = transfer->handle;
  if (!handle) return;
  pb_http_pool *pool = handle->pool;
  forget_finished(pool, handle);
  if (handle->in_flight) {
    transfer->stop = PB_HTTP_CANCELLED;
    handle->touched = pool->turns != handle->turn;
    pb_http_handle_conclude(handle, CURLE_ABORTED_BY_CALLBACK);
    take_out(pool, handle);
  }
  handle->transfer = NULL;
  transfer->handle = NULL;
  handle->next = pool->free;
  pool->free = handle;
  pool->active--;
}

static void finish(pb_http_pool *pool, pb_http_handle *handle, CURLcode code) {
  if (pb_http_handle_diverted(handle)) {
    curl_multi_remove_handle(pool->multi, handle->easy);
    if ((!handle->spent || pb_http_handle_renew(handle)) &&
        curl_multi_add_handle(pool->multi, handle->easy) == CURLM_OK)
      return;
    handle->transfer->stop = PB_HTTP_NO_MEMORY;
  }
  handle->touched = true;
  pb_http_handle_conclude(handle, code);
  take_out(pool, handle);
  if (code == CURLE_OUT_OF_MEMORY) pool->distrusted = true;
  /* A transfer that did not reach its request may have met a name without an address. */
  if (pool->keeps_failed_lookups && code != CURLE_OK && !handle->transfer->requested)
    pool->names_doubted_until = now() + (double)PB_HTTP_NAME_AGE / 2 + 1;
  handle->finished = true;
  handle->previous = pool->last_finished;
  if (pool->last_finished) pool->last_finished->next = handle;
  else pool->first_finished = handle;
  pool->last_finished = handle;
}

/* libcurl has finished it. */
static void ended(pb_http_pool *pool, CURL *easy, CURLcode code) {
  char *private = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
  pb_http_handle *handle = (void *)private;
  if (handle) {
    handle->lookup.under_way = false;
    finish(pool, handle, code);
    return;
  }
  curl_multi_remove_handle(pool->multi, easy);
  curl_easy_cleanup(easy);
  pool->left--;
}

/* Ends transfers that have reached a limit, before libcurl reaches its own and waits for a look-up. */
static void end_at_limits(pb_http_pool *pool) {
  double time = now();
  if (pool->next_limit == 0 || time < pool->next_limit) return;
  double next = 0;
  for (unsigned i = 0; i < pool->handle_count; i++) {
    pb_http_handle *handle = pool->handles[i];
    if (!handle->in_flight) continue;
    bool late = time >= handle->latest;
    if (late || (handle->lookup.under_way && time >= handle->connect_by)) {
      finish(pool, handle, CURLE_OPERATION_TIMEDOUT);
      continue;
    }
    double limit = time < handle->connect_by && handle->connect_by < handle->latest
                       ? handle->connect_by
                       : handle->latest;
    if (next == 0 || limit < next) next = limit;
  }
  pool->next_limit = next;
}

/* Does the work that is possible without waiting. */
static bool perform(pb_http_pool *pool) {
  int running, queued;
  if (pool->slack_ms) end_at_limits(pool);
  pool->turns++;
  if (curl_multi_perform(pool->multi, &running) != CURLM_OK) return false;
  CURLMsg *message;
  while ((message = curl_multi_info_read(pool->multi, &queued)))
    if (message->msg == CURLMSG_DONE) ended(pool, message->easy_handle, message->data.result);
  return true;
}

/* libcurl checks the timeout of transfers that it works on, but (at least up to 7.88) not of those that
 * wait for a connection, which may never come. */
static void end_late(pb_http_pool *pool) {
  double time = now();
  if (pool->slack_ms || time < pool->next_look) return; /* in that case end_at_limits does it */
  pool->next_look = time + GRACE / 2;
  for (unsigned i = 0; i < pool->handle_count; i++) {
    pb_http_handle *handle = pool->handles[i];
    if (!handle->in_flight) continue;
    if (handle->latest == 0) handle->latest = time + (double)handle->timeout_ms / 1000 + GRACE;
    else if (time > handle->latest) finish(pool, handle, CURLE_OPERATION_TIMEDOUT);
  }
}

/* Waits until `only` is finished or, if `only` is null, until any transfer is. */
static pb_http_progress drive(pb_http_pool *pool, const pb_http_handle *only, double seconds) {
  /* A wait is at most a day; NaN is no wait at all. */
  const double longest = 24 * 60 * 60;
  if (!(seconds > 0)) seconds = 0;
  if (seconds > longest) seconds = longest;
  double end = 0;
  for (;;) {
    if (only ? only->finished : pool->first_finished != NULL) return PB_HTTP_DONE;
    if (!perform(pool)) return PB_HTTP_BROKEN;
    if (only ? only->finished : pool->first_finished != NULL) return PB_HTTP_DONE;
    double left = seconds;
    if (end == 0) end = now() + seconds;
    else left = end - now();
    if (left <= 0) return PB_HTTP_PENDING;
    int milliseconds = (int)(left * 1000) + 1;
    if (pool->next_limit > 0) {
      double limit = (pool->next_limit - now()) * 1000;
      if (limit < milliseconds) milliseconds = limit > 0 ? (int)limit + 1 : 0;
    }
    if (curl_multi_poll(pool->multi, NULL, 0, milliseconds, NULL) != CURLM_OK)
      return PB_HTTP_BROKEN;
    end_late(pool);
  }
}

pb_http_progress pb_http_pool_wait(pb_http_pool *pool, const pb_http_transfer *transfer,
                                   double seconds) {
  return transfer->handle ? drive(pool, transfer->handle, seconds) : PB_HTTP_DONE;
}

pb_http_progress pb_http_pool_next(pb_http_pool *pool, double seconds,
                                   pb_http_transfer **transfer) {
  if (pool->active == 0) return PB_HTTP_PENDING;
  pb_http_progress progress = drive(pool, NULL, seconds);
  if (progress == PB_HTTP_DONE) *transfer = pool->first_finished->transfer;
  return progress;
}

pb_http_transfer *pb_http_pool_finished(const pb_http_pool *pool) {
  return pool->first_finished ? pool->first_finished->transfer : NULL;
}
