#ifndef PB_HTTP_HANDLE_H
#define PB_HTTP_HANDLE_H

#include "http/lookup.h"
#include "http/sockets.h"
#include "http/transfer.h"

/* libcurl's side of a request, with its settings. A handle is expensive and belongs to the pool, which lends it to
 * one transfer after the other. */

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
  bool previews;          /* on_body gets the lines of a header too, before libcurl stores them */

  /* The current options of libcurl, so that only changes are set. */
  pb_headers *headers;
  struct curl_slist *header_list;
  pb_buffer url; /* including its NUL */
  CURLU *parsed_url;
  size_t plain_origin; /* bytes of `url` before its path, if `parsed_url` has a plain one; else 0 */
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
 * drops libcurl's memory of earlier transfers, but not the connections. Returns false, and changes
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
