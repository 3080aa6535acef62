#ifndef PB_HTTP_SETTINGS_H
#define PB_HTTP_SETTINGS_H

#include "http/curl_include.h"
#include <stdbool.h>
#include <stddef.h>

/* Settings of a pool, which do not change. A null string means "not given". */
typedef struct {
  long timeout_ms;         /* of a whole request */
  long connect_timeout_ms; /* of name, connection and handshake */
  const char *proxy;       /* empty: no proxy, not even that of the environment */
  const char *ca_file;     /* trusted instead of the system's certificates */
  const char *user_agent;
  size_t max_response_bytes; /* of a body, after decompression */
  long max_connections;
  double connection_max_age; /* seconds after which a connection gets no further request */
  long http_version;         /* CURL_HTTP_VERSION_… */
} pb_http_settings;

/* Initialises libcurl for the process. Call it before anything else here and, if libcurl is older than
 * 7.84, while no other thread starts to use libcurl. Returns false when libcurl cannot be used. */
bool pb_http_init(void);

/* The defaults: 30 s for a request, 10 s for a connection, 16 MiB, 64 connections, HTTP/2 if TLS
 * negotiates it. */
pb_http_settings pb_http_defaults(void);

/* Seconds that libcurl caches addresses of a name: its default. */
enum { PB_HTTP_NAME_AGE = 60 };

/* Whether there is no proxy. The environment is read here, once: libcurl would search it five times for each
 * request. */
bool pb_http_is_direct(const pb_http_settings *settings);

/* Whether this libcurl is built with TLS; without it, it refuses https addresses. */
bool pb_http_has_tls(void);

/* Sets the options of the handle that all others are copied from. Options that matter for security are set even
 * where they are libcurl's defaults. `slack_ms` is added to the timeouts. */
CURLcode pb_http_configure(CURL *easy, const pb_http_settings *settings, bool direct,
                           long slack_ms);

#endif
