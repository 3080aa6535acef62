#ifndef PB_HTTP_TRANSFER_H
#define PB_HTTP_TRANSFER_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/error.h"
#include "http/headers.h"

/* A request and its result. A transfer (the result) is cheap and belongs to the caller. A handle (handle.h) is
 * lent to it while the request is in flight. */

typedef struct pb_http_handle pb_http_handle;

typedef struct {
  pb_http_handle *handle; /* while lent: in flight, or finished and not collected yet */
  bool repeatable;        /* the request may safely reach the server twice */
  bool requested;         /* the request was given to a connection: some of it may have been sent */
  bool head_complete;     /* the header block of a response has ended */
  bool interim;           /* the block is one of an interim response (1xx): another one follows */
  bool body_follows;      /* the block of the final response has ended */
  bool within_line;       /* the previewed line is not complete */
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
  bool spare; /* given back, to be used again */
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

/* Limit of all header bytes of one exchange, including interim responses and trailers: four times the
 * limit of common servers. It stops a server that never stops sending headers. */
enum { PB_HTTP_HEAD_LIMIT = 128 * 1024 };

void pb_http_transfer_init(pb_http_transfer *transfer);
/* Resets the transfer but keeps its memory. It must have no handle. */
void pb_http_transfer_reset(pb_http_transfer *transfer);
/* Frees the response. The transfer must have no handle. */
void pb_http_transfer_free(pb_http_transfer *transfer);

/* The problem with a URL, or null. The text never quotes the URL. */
const char *pb_http_url_problem(const char *url, size_t length);

/* libcurl calls these with the handle as `context`, so they must not call into Lua: they only fill the buffers of
 * its transfer. Accepting fewer bytes than offered makes libcurl end the transfer. */
size_t pb_http_on_body(char *bytes, size_t size, size_t count, void *context);
size_t pb_http_on_head(char *line, size_t size, size_t count, void *context);

#endif
