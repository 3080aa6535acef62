#ifndef PB_HTTP_TRANSFER_H
#define PB_HTTP_TRANSFER_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/error.h"
#include "http/headers.h"
#include "http/lookup.h"
#include "http/sockets.h"

/* One request and what came of it. A transfer (the result) is cheap and belongs to the caller; a
 * handle (libcurl's side, with its settings) is dear and belongs to the pool, which lends it to one
 * transfer after the other. */

typedef struct pb_http_handle pb_http_handle;

typedef struct {
  pb_http_handle *handle; /* while it is lent: in flight, or finished and not collected yet */
  bool repeatable;        /* the request may reach the server twice without harm */
  bool requested;         /* the request was given to a connection: it may have left */
  bool head_complete;     /* the header block of an answer has ended */
  bool may_continue;      /* the line before was a field's, which the next one may continue */
  bool framing;           /* it was one of those that say where the answer ends */
  pb_http_stop stop;
  size_t head_bytes; /* of all header blocks and trailers, kept or not */
  bool has_length;   /* the block has a Content-Length: */
  curl_off_t length;
  bool encoded;   /* it has a Transfer-Encoding */
  pb_buffer head; /* the header block of the final answer */
  pb_buffer body;
  long status; /* 0: no final answer came */
  long http_version;
  pb_http_error error;
} pb_http_transfer;

typedef struct {
  const char *method; /* a token of at most PB_HTTP_METHOD_LENGTH bytes */
  const char *url;
  pb_headers *headers; /* retained as long as libcurl may look at it */
  const char *body;    /* null: none. The caller keeps the bytes until the transfer is collected */
  size_t body_length;
  long timeout_ms;
} pb_http_request;

/* No registered method is longer than 17 (UPDATEREDIRECTREF). */
enum { PB_HTTP_METHOD_LENGTH = 31 };

/* All header bytes of one exchange, interim answers and trailers with them: four times what common
 * servers accept, so that a server that never stops sending them is stopped. */
enum { PB_HTTP_HEAD_LIMIT = 128 * 1024 };

void pb_http_transfer_init(pb_http_transfer *transfer);
/* Makes it as good as new, but keeps its memory. The transfer must have no handle. */
void pb_http_transfer_reset(pb_http_transfer *transfer);
/* Frees the answer. The transfer must have no handle. */
void pb_http_transfer_free(pb_http_transfer *transfer);

/* What is wrong with a URL, or null. The text never quotes it. */
const char *pb_http_url_problem(const char *url, size_t length);

typedef enum { PB_HTTP_ANY_BODY, PB_HTTP_WITH_BODY, PB_HTTP_NO_BODY, PB_HTTP_HEAD } pb_http_shape;

struct pb_http_handle {
  CURL *easy;
  void *pool;
  pb_http_transfer *transfer;      /* whom it is lent to */
  pb_http_sockets *sockets;        /* the pool's */
  unsigned long socket;            /* over which the request goes, 0: not known */
  bool reused;                     /* others went over it before */
  bool spent;                      /* renewed before it is used again */
  pb_http_handle *previous, *next; /* in the pool's list of finished or of free handles */
  unsigned slot;                   /* its number in the pool, from 1, for good */
  bool in_flight, finished;
  unsigned long turn; /* the pool's count of libcurl's turns when the transfer began */
  bool touched;       /* libcurl has had a turn since */
  double latest; /* by the monotonic clock: in flight no longer than this; 0: not looked at yet */
  double connect_by;     /* the same of its look-up, where libcurl would wait for that */
  pb_http_lookup lookup; /* only there */
  long slack_ms; /* libcurl is told so much more than timeout_ms: there, its time is ours to end */
  size_t body_limit;
  long connect_timeout_ms;
  const char *user_agent; /* null: none. Of requests that do not name their own */
  bool proxied;           /* a proxy may be on the way */
  long http_version;      /* that may be spoken: CURL_HTTP_VERSION_… */

  /* What libcurl was told, so that it is told only what changed. */
  pb_headers *headers;
  struct curl_slist *header_list;
  pb_buffer url; /* with its NUL */
  CURLU *parsed_url;
  pb_http_shape shape;
  char method[PB_HTTP_METHOD_LENGTH + 1]; /* empty: the shape's own */
  size_t body_length;
  long timeout_ms;
  const char *named_agent;
  bool fresh_connection; /* changes go over connections of their own */
  bool outlived;         /* some connection is too old, and libcurl does not tell which it takes */
  bool fresh;            /* this request goes over a new one */
  bool doubts_names;     /* look-ups that failed may be kept: names are looked up anew */

  char detail[CURL_ERROR_SIZE];
};

/* A handle with the settings of `model`. `slack_ms`: 0 unless pb_http_lookup_is_joined. Null when there is
 * no memory. */
pb_http_handle *pb_http_handle_new(CURL *model, long slack_ms);
void pb_http_handle_free(pb_http_handle *handle); /* null is allowed */

/* Takes a new handle of libcurl's in the place of the one that a name is looked up for, which is left in its
 * multi, and is finished there with a null CURLINFO_PRIVATE. False when there is no memory. */
bool pb_http_handle_leave(pb_http_handle *handle);

/* Replaces libcurl's handle, which must be in no multi handle, by a new one that was told the same. What
 * libcurl remembered of earlier transfers is gone; connections are kept. False, and nothing has changed,
 * when there is no memory. */
bool pb_http_handle_renew(pb_http_handle *handle);

/* Makes the handle ready to send `request` for `transfer`; false when there is no memory. */
bool pb_http_handle_prepare(pb_http_handle *handle, pb_http_transfer *transfer,
                            const pb_http_request *request);

/* Whether the request was given to a connection that it must not go over. Then nothing was sent, and
 * the handle has been made ready for another connection. */
bool pb_http_handle_diverted(pb_http_handle *handle);

/* Moves everything known about the ended request into its transfer. */
void pb_http_handle_conclude(pb_http_handle *handle, CURLcode code);

#endif
