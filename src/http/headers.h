#ifndef PB_HTTP_HEADERS_H
#define PB_HTTP_HEADERS_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>

/* Header fields: sets for requests, and the header block of a response. */

/* A set of request headers, prepared once and shared by many requests. The reference count is not atomic:
 * a set belongs to one Lua state, as everything here does. */
typedef struct {
  struct curl_slist *list; /* in a finished set, only large bodies need the first one */
  unsigned references;
  bool has_content_type, has_accept_encoding, has_user_agent;
} pb_headers;

/* The problem with a line; 0 is none. The texts do not quote the line, which may be a secret. */
typedef enum {
  PB_HEADER_FINE,
  PB_HEADER_NAME,    /* no colon, or the name before it is not a token (RFC 9110, 5.6.2) */
  PB_HEADER_VALUE,   /* a control character: it could start another header or request */
  PB_HEADER_FRAMING, /* Content-Length and the like, which the body determines */
  PB_HEADER_MEMORY,
} pb_header_problem;
const char *pb_header_problem_text(pb_header_problem problem);

/* Creates an empty set with one reference; returns null when there is no memory. */
pb_headers *pb_headers_new(void);
pb_headers *pb_headers_retain(pb_headers *headers);
void pb_headers_release(pb_headers *headers); /* null is allowed */

/* Adds "Name: value"; `line` is NUL-terminated behind its `length` bytes. */
pb_header_problem pb_headers_add(pb_headers *headers, const char *line, size_t length);

/* Finishes the set after the last pb_headers_add: keeps libcurl from adding headers of its own, and names
 * the compressions that it can undo. Returns false when there is no memory. */
bool pb_headers_finish(pb_headers *headers);

/* The list for a request with a body of that length. Valid as long as the set. */
struct curl_slist *pb_headers_for(const pb_headers *headers, size_t body_length);

/* Whether these bytes are a token: a header's name, a method. */
bool pb_http_is_token(const char *bytes, size_t length);

/* A field of the header block of a response. */
typedef struct {
  char *name;
  size_t name_length;
  const char *value; /* without the white space around it */
  size_t value_length;
} pb_http_field;

/* Finds the next field between *cursor and `end`; returns false after the last one. Start with *cursor at
 * the start of the block. Skips the status line and malformed lines. */
bool pb_http_field_next(pb_http_field *field, char **cursor, const char *end);

#endif
