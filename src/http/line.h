#ifndef PB_HTTP_LINE_H
#define PB_HTTP_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Checks of the lines of a response's header. Releases of libcurl accept more or less here; these checks
 * hold with all of them. A line ends with a line feed. */

/* Whether the line is a status line (RFC 9112, 4) of HTTP/1.0 or 1.1 or, if `newer`, one that libcurl
 * writes for HTTP/2 and HTTP/3. */
bool pb_http_is_status_line(const char *line, size_t length, bool newer);

/* Whether a status line is that of an interim response, after which another one follows. None follows 101
 * (RFC 9110, 15.2.2). */
bool pb_http_is_interim(const char *line);

/* Whether the transfer codings in the value of a Transfer-Encoding, which ends with a line feed, are those
 * that a server may send unasked (RFC 9112, 7.4): chunked, and before it identity, which older servers
 * send. */
bool pb_http_is_plain_coding(const char *value);

/* Whether the line has a field name and a colon (RFC 9112, 5). */
bool pb_http_is_field_line(const char *line, size_t length);

/* Whether the line has a carriage return that does not end it, which some software takes for the end (RFC
 * 9112, 2.2). */
bool pb_http_has_bare_return(const char *line, size_t length);

/* Whether the line has nothing but white space. */
bool pb_http_is_blank(const char *line, size_t length);

#endif
