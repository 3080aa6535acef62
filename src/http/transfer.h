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

/* A request and its result. A transfer (the result) is cheap and belongs to the caller. A handle
 * (libcurl's side, with its settings) is expensive and belongs to the pool, which lends it to one transfer
 * after the other. */

typedef struct pb_http_handle pb_http_handle;

typedef struct {
  pb_http_handle *handle; /* while lent: in flight, or finished and not collected yet */
  bool repeatable;        /* the request may safely reach the server twice */
  bool requested;         /* the request was given to a connection: some of it may have been sent */
  bool head_complete;     /* the header block of a response has ended */
  bool may_continue;      /* the previous line was a field, which the next one may continue */
  bool framing;           /* that field tells where the response ends */
  pb_http_stop stop;
  size_t head_bytes; /* bytes of all header blocks and trailers, kept or not */
  bool has_length;   /* the block has a Content-Length, which is `length` */
  curl_off_t length;
  bool encoded;   /* the block has a Transfer-Encoding */
  pb_buffer head; /* the header block of the final response */
  pb_buffer body;
  long status; /* 0: there was no final response */
  long http_version;
  pb_http_error error;
} pb_http_transfer;

typedef struct {
  const char *method; /* a token of at most PB_HTTP_METHOD_LENGTH bytes */
  const char *url;
  pb_headers *headers; /* retained as long as libcurl may read it */
  const char *body;    /* null: none. The caller keeps the bytes until the transfer is collected */
  size_t body_length;
  long timeout_ms;
} pb_http_request;

/* No registered method is longer than 17 (UPDATEREDIRECTREF). */
enum { PB_HTTP_METHOD_LENGTH = 31 };

/* Limit of all header bytes of one exchange, including interim responses and trailers: four times what
 * common servers accept. It stops a server that never stops sending headers. */
enum { PB_HTTP_HEAD_LIMIT = 128 * 1024 };

void pb_http_transfer_init(pb_http_transfer *transfer);
/* Resets the transfer but keeps its memory. It must have no handle. */
void pb_http_transfer_reset(pb_http_transfer *transfer);
/* Frees the response. The transfer must have no handle. */
void pb_http_transfer_free(pb_http_transfer *transfer);

/* The problem with a URL, or null. The text never quotes the URL. */
const char *pb_http_url_problem(const char *url, size_t length);

typedef enum { PB_HTTP_ANY_BODY, PB_HTTP_WITH_BODY, PB_HTTP_NO_BODY, PB_HTTP_HEAD } pb_http_shape;

struct pb_http_handle {
  CURL *easy;
  void *pool;
  pb_http_transfer *transfer;      /* the transfer it is lent to */
  pb_http_sockets *sockets;        /* the pool's */
  unsigned long socket;            /* the socket that the request uses; 0: unknown */
  bool reused;                     /* the socket has carried other requests before */
  bool spent;                      /* must be renewed before it is used again */
  pb_http_handle *previous, *next; /* link in the pool's list of finished or of free handles */
  unsigned slot;                   /* its permanent number in the pool, from 1 */
  bool in_flight, finished;
  unsigned long turn;    /* the pool's count of calls of libcurl when the transfer began */
  bool touched;          /* libcurl has been called since */
  double latest;         /* end of the request, by the monotonic clock; 0: not read yet */
  double connect_by;     /* the same for its look-up, where libcurl would wait for that */
  pb_http_lookup lookup; /* only in that case */
  long slack_ms; /* libcurl's timeout is longer by this; then we end the transfer ourselves */
  size_t body_limit;
  long connect_timeout_ms;
  const char *user_agent; /* null: none. For requests that do not set their own */
  bool proxied;           /* there may be a proxy */
  long http_version;      /* the version that may be used: CURL_HTTP_VERSION_… */

  /* The current options of libcurl, so that only changes are set. */
  pb_headers *headers;
  struct curl_slist *header_list;
  pb_buffer url; /* including its NUL */
  CURLU *parsed_url;
  pb_http_shape shape;
  char method[PB_HTTP_METHOD_LENGTH + 1]; /* empty: that of the shape */
  size_t body_length;
  long timeout_ms;
  const char *named_agent;
  bool fresh_connection; /* changes use connections of their own */
  bool outlived;     /* some connection is too old, and libcurl does not report which one it uses */
  bool fresh;        /* this request uses a new one */
  bool doubts_names; /* libcurl may cache failed look-ups, so names are looked up anew */

  char detail[CURL_ERROR_SIZE];
};

/* Creates a handle with the settings of `model`. `slack_ms` is 0 unless pb_http_lookup_is_joined. Returns
 * null when there is no memory. */
pb_http_handle *pb_http_handle_new(CURL *model, long slack_ms);
void pb_http_handle_free(pb_http_handle *handle); /* null is allowed */

/* Replaces libcurl's handle during its look-up by a new one. The old one stays in its multi handle and
 * finishes there with a null CURLINFO_PRIVATE. Returns false when there is no memory. */
bool pb_http_handle_leave(pb_http_handle *handle);

/* Replaces libcurl's handle, which must not be in a multi handle, by a new one with the same options. This
 * drops what libcurl remembers of earlier transfers, but not the connections. Returns false, and changes
 * nothing, when there is no memory. */
bool pb_http_handle_renew(pb_http_handle *handle);

/* Prepares the handle to send `request` for `transfer`; returns false when there is no memory. */
bool pb_http_handle_prepare(pb_http_handle *handle, pb_http_transfer *transfer,
                            const pb_http_request *request);

/* Whether the request was given to a connection that it must not use. Then nothing was sent, and the
 * handle is prepared for another connection. */
bool pb_http_handle_diverted(pb_http_handle *handle);

/* Moves all results of the ended request into its transfer. */
void pb_http_handle_conclude(pb_http_handle *handle, CURLcode code);

#endif
