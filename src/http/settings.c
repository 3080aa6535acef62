#include "http/settings.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>

#include "http/lookup.h"
#include "http/quirks.h"

bool pb_http_init(void) {
  /* libcurl counts these calls. They are never undone, because others in the process may use libcurl. */
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return false;
  /* The handler of a script that handles the signal stays. */
  struct sigaction action;
  if (pb_http_has(PB_HTTP_RAISES_SIGPIPE) && sigaction(SIGPIPE, NULL, &action) == 0 &&
      action.sa_handler == SIG_DFL)
    signal(SIGPIPE, SIG_IGN);
  return true;
}

pb_http_settings pb_http_defaults(void) {
  return (pb_http_settings){
      .timeout_ms = 30 * 1000,
      .connect_timeout_ms = 10 * 1000,
      /* A page of the largest documented list is well below 1 MiB. */
      .max_response_bytes = 16 * 1024 * 1024,
      .max_connections = 64,
      /* The limit within which a vendor that moves to another address is followed. */
      .connection_max_age = 300,
      .http_version = CURL_HTTP_VERSION_2TLS,
  };
}

bool pb_http_is_direct(const pb_http_settings *settings) {
  if (settings->proxy) return settings->proxy[0] == '\0';
  static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                      "ALL_PROXY"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value && value[0]) return false;
  }
  return true;
}

/* Seconds that libcurl keeps an unused connection: its default. */
static const long IDLE_AGE = 118;

bool pb_http_has_tls(void) {
  return curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_SSL;
}

static CURLcode allow_only_http(CURL *easy) {
  if (pb_http_has(PB_HTTP_PROTOCOLS_BY_BITS))
    return curl_easy_setopt(easy, PB_CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  /* A libcurl without TLS rejects the name. */
  return curl_easy_setopt(easy, PB_CURLOPT_PROTOCOLS_STR,
                          pb_http_has_tls() ? "http,https" : "http");
}

#define SET(option, value)                                                                         \
  if (!code) code = curl_easy_setopt(easy, option, value)
#define TRY(option, value)                                                                         \
  if (!code && curl_easy_setopt(easy, option, value) == CURLE_OUT_OF_MEMORY)                       \
  code = CURLE_OUT_OF_MEMORY

/* A libcurl without TLS rejects these options, and every https address. */
static CURLcode configure_tls(CURL *easy, const pb_http_settings *settings) {
  CURLcode code = CURLE_OK;
  if (!pb_http_has_tls()) return code;
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  /* And for a proxy in TLS. A libcurl without such proxies does not know the option. */
  if (!code) curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings->ca_file) return code;
  SET(CURLOPT_CAINFO, settings->ca_file);
  /* Otherwise the system's directory would be trusted as well. A proxy in TLS is checked against the same
   * file. Not every TLS library knows these options. */
  TRY(CURLOPT_CAPATH, NULL);
  TRY(CURLOPT_PROXY_CAINFO, settings->ca_file);
  TRY(CURLOPT_PROXY_CAPATH, NULL);
  return code;
}

CURLcode pb_http_configure(CURL *easy, const pb_http_settings *settings, bool direct,
                           long slack_ms) {
  CURLcode code = allow_only_http(easy);
  if (!code) code = configure_tls(easy, settings);
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_HTTP09_ALLOWED, 0L);
  SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* none of ours in a CONNECT */
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_HEADER, pb_http_has(PB_HTTP_KEEPS_FREED_HEADER) ? 1L : 0L); /* see `preview` */
  SET(CURLOPT_NOSIGNAL, 1L);
  pb_http_lookup_of_easy(easy);
  SET(CURLOPT_TCP_NODELAY, 1L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  SET(CURLOPT_ACCEPT_ENCODING, ""); /* all compressions that this libcurl can undo */
  /* A response that announces a larger body is not read at all. 0 would mean no limit. */
  SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)settings->max_response_bytes);
  SET(CURLOPT_CONNECTTIMEOUT_MS, settings->connect_timeout_ms + slack_ms);
  SET(CURLOPT_DNS_CACHE_TIMEOUT, (long)PB_HTTP_NAME_AGE);
  /* libcurl keeps connections in constant use, however old; pb_http_sockets_enter handles these. */
  long age = (long)ceil(settings->connection_max_age);
  SET(CURLOPT_MAXAGE_CONN, age < IDLE_AGE ? age : IDLE_AGE);
  if (!code) curl_easy_setopt(easy, PB_CURLOPT_MAXLIFETIME_CONN, age); /* unknown before 7.80 */
  /* A libcurl without HTTP/2 uses 1.1, which every server understands. */
  if (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP2)
    SET(CURLOPT_HTTP_VERSION, settings->http_version);
  if (settings->proxy) SET(CURLOPT_PROXY, settings->proxy);
  if (direct) SET(CURLOPT_NOPROXY, "*");
  if (!direct && settings->user_agent) SET(CURLOPT_USERAGENT, settings->user_agent);
  return code;
}

#undef TRY
#undef SET
