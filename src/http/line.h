#ifndef PB_HTTP_LINE_H
#define PB_HTTP_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* The lines of a response's header, which releases of libcurl read more or less leniently: these checks
 * hold on all of them. A line ends in a line feed. */

/* Whether it is a status line (RFC 9112, 4) of HTTP/1.0 or 1.1, or one that libcurl makes for HTTP/2 and
 * HTTP/3, where `newer` says that the response may be in these. */
bool pb_http_is_status_line(const char *line, size_t length, bool newer);

/* Whether the transfer codings in a Transfer-Encoding's value, which ends in a line feed, are those that
 * may come unasked (RFC 9112, 7.4): chunked, and before it identity, of older servers. */
bool pb_http_is_plain_coding(const char *value);

/* Whether it has a field's name and a colon (RFC 9112, 5). */
bool pb_http_is_field_line(const char *line, size_t length);

/* Whether it has a carriage return that ends no line, which some take for the end of one (RFC 9112, 2.2). */
bool pb_http_has_bare_return(const char *line, size_t length);

/* Whether nothing but white space is in it. */
bool pb_http_is_blank(const char *line, size_t length);

#endif
