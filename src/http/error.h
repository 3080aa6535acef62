#ifndef PB_HTTP_ERROR_H
#define PB_HTTP_ERROR_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* A failed request, as its caller sees it. */
typedef struct {
  /* "timeout", "network", "tls", "unauthorized", "too_large", "protocol"; null: no error */
  const char *kind;
  const char *fallback; /* the message if there was no memory for `message` */
  pb_buffer message;
  /* Whether any of the request may have reached the server. False is certain. */
  bool maybe_sent;
  /* A retry cannot help: the certificate stays the same. */
  bool never_retry;
  long status; /* of a proxy that refuses its credentials; else 0 */
} pb_http_error;

/* The reason why we ended a transfer, of which libcurl only knows that a callback refused. */
typedef enum {
  PB_HTTP_NOT_STOPPED,
  PB_HTTP_BODY_TOO_LARGE,
  PB_HTTP_HEAD_TOO_LARGE,
  PB_HTTP_NO_MEMORY,
  PB_HTTP_CONTRADICTION,
  PB_HTTP_BAD_STATUS_LINE,
  PB_HTTP_BAD_FIELD_LINE,
  PB_HTTP_BAD_CODING,
  PB_HTTP_UNFIT_CONNECTION,
  PB_HTTP_NOT_SENT_TWICE,
  PB_HTTP_CANCELLED,
} pb_http_stop;

typedef struct {
  CURL *easy;
  const char *url;
  CURLcode code;
  pb_http_stop stop;
  const char *detail; /* libcurl's error buffer */
  bool maybe_sent;
  bool used_up; /* the last socket could not be opened for want of descriptors */
  bool proxied; /* there may be a proxy */
  long timeout_ms, connect_timeout_ms;
  size_t limit; /* the limit that was exceeded, if `stop` says so */
} pb_http_failure;

/* Fills in `error`, whose message must be an initialised, empty buffer. Cannot fail: without memory the
 * message is shorter. */
void pb_http_explain(pb_http_error *error, const pb_http_failure *failure);

#endif
