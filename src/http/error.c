#include "http/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "http/settings.h"

/* A host has at most 253 characters and a port five; longer ones are cut in messages. */
enum { ORIGIN_SIZE = 272 };

/* Finds "host:port" in a URL. User-info, path and query are never shown: they may hold secrets. */
static void origin_of(const char *url, char origin[ORIGIN_SIZE]) {
  strcpy(origin, "the server");
  const char *host = strstr(url, "://");
  if (!host) return;
  host += 3;
  size_t length = strcspn(host, "/?#");
  for (size_t i = length; i > 0; i--) {
    if (host[i - 1] != '@') continue;
    host += i;
    length -= i;
    break;
  }
  if (length == 0) return;
  if (length > ORIGIN_SIZE - 8) length = ORIGIN_SIZE - 8;
  memcpy(origin, host, length);
  origin[length] = '\0';
  /* The colon of a port comes after the bracket of an IPv6 address. */
  const char *colon = strrchr(origin, ':');
  if (!colon || strchr(colon, ']'))
    strcpy(origin + length, pb_ascii_begins(url, "https") ? ":443" : ":80");
}

static void say(pb_http_error *error, const char *kind, const char *before, const char *origin,
                const char *behind) {
  error->kind = kind;
  error->fallback = "the request failed, and there is no memory to say more";
  pb_buffer_format(&error->message, "%s%s%s", before, origin, behind);
}

/* Whether libcurl's text quotes an address that may have a password in it. It quotes the address of a
 * proxy in full. */
static bool quotes_address(const char *detail) {
  return strchr(detail, '@') || strstr(detail, "://") || strstr(detail, "Unsupported proxy");
}

/* Appends libcurl's own text. Some of it quotes the server, so unprintable bytes are removed. */
static void add_detail(pb_http_error *error, const char *detail) {
  size_t length = strcspn(detail, "\r\n");
  if (error->message.length == 0 || length == 0) return;
  size_t start = error->message.length + 2;
  if (!pb_buffer_format(&error->message, " (%.*s)", (int)length, detail)) return;
  for (size_t i = start; i < start + length; i++) {
    unsigned char c = (unsigned char)error->message.data[i];
    if (c < ' ' || c == 0x7f) error->message.data[i] = '?';
  }
}

static void explain_stop(pb_http_error *error, const pb_http_failure *failure, const char *origin) {
  char behind[160];
  switch (failure->stop) {
  case PB_HTTP_BODY_TOO_LARGE:
    snprintf(behind, sizeof behind,
             " is larger than %zu bytes; if such answers are right, raise max_response_bytes",
             failure->limit);
    say(error, "too_large", "the answer of ", origin, behind);
    return;
  case PB_HTTP_HEAD_TOO_LARGE:
    snprintf(behind, sizeof behind, " has more than %zu bytes of headers", failure->limit);
    say(error, "too_large", "the answer of ", origin, behind);
    return;
  case PB_HTTP_NO_MEMORY:
    say(error, "too_large", "there is not enough memory for the answer of ", origin, "");
    return;
  case PB_HTTP_CONTRADICTION:
    say(error, "protocol", "the answer of ", origin,
        " does not say clearly how long it is: its Content-Length makes no sense");
    return;
  case PB_HTTP_BAD_STATUS_LINE:
    say(error, "protocol", "the answer of ", origin,
        " is not correct HTTP (it does not begin with a status line)");
    return;
  case PB_HTTP_BAD_FIELD_LINE:
    say(error, "protocol", "the answer of ", origin,
        " is not correct HTTP (one of its header lines is malformed)");
    return;
  case PB_HTTP_BAD_CODING:
    say(error, "protocol", "the answer of ", origin,
        " is not correct HTTP (it has a transfer or content coding that was not asked for)");
    return;
  case PB_HTTP_NOT_SENT_TWICE:
    say(error, "network", "the connection to ", origin,
        " closed before the answer; the request may have been carried out, so it was not sent "
        "again");
    return;
  case PB_HTTP_CANCELLED:
    say(error, "network", "the request to ", origin, " was cancelled");
    return;
  case PB_HTTP_UNFIT_CONNECTION: /* libcurl takes another one, and reports nothing */
  case PB_HTTP_NOT_STOPPED:
    break;
  }
}

/* Not by printf(3), which would write a decimal comma where the program's locale has one. */
static void add_seconds(char *text, size_t room, const char *before, long milliseconds) {
  pb_number seconds = pb_number_of_double((double)milliseconds / 1000);
  pb_buffer out;
  pb_buffer_init_fixed(&out, text, room - 1);
  pb_buffer_add_text(&out, before);
  pb_number_show(&out, &seconds);
  pb_buffer_add_text(&out, " s");
  text[out.length] = '\0';
}

static void explain_timeout(pb_http_error *error, const pb_http_failure *failure,
                            const char *origin) {
  char behind[80];
  long limit = failure->timeout_ms;
  if (!failure->maybe_sent) {
    if (failure->connect_timeout_ms < limit) limit = failure->connect_timeout_ms;
    add_seconds(behind, sizeof behind, " within ", limit);
    say(error, "timeout", "no connection to ", origin, behind);
  } else {
    add_seconds(behind, sizeof behind, " did not answer in full within ", limit);
    say(error, "timeout", "", origin, behind);
  }
}

static void explain_connect(pb_http_error *error, const pb_http_failure *failure,
                            const char *origin) {
  long number = 0;
  curl_easy_getinfo(failure->easy, CURLINFO_OS_ERRNO, &number);
  bool was_refused = number == ECONNREFUSED;
  if (failure->used_up && !was_refused) {
    say(error, "network", "cannot connect to ", origin,
        ": this process has no file descriptor left; close some, or raise its limit (ulimit -n)");
    return;
  }
  if (failure->proxied)
    say(error, "network", "cannot connect to ", origin,
        was_refused ? ", or to the proxy on the way: the connection was refused"
                    : ", or to the proxy on the way");
  else
    say(error, "network", "cannot connect to ", origin,
        was_refused ? ": the connection was refused" : "");
}

/* Whether the rejected certificate is a proxy's. A tunnel through a proxy is made with that certificate or
 * not at all. */
static bool is_of_proxy(const pb_http_failure *failure) {
  long of_proxy = 0, tunnel = 0;
  curl_easy_getinfo(failure->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &of_proxy);
  curl_easy_getinfo(failure->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
  return failure->proxied && of_proxy != 0 && tunnel == 0;
}

/* libcurl has no code for malformed chunks. */
static bool is_about_chunks(const pb_http_failure *failure) {
  return failure->code == CURLE_RECV_ERROR && strstr(failure->detail, "chunked-encoding") != NULL;
}

/* Whether https was wanted of a libcurl that has none. */
static bool lacks_tls(const pb_http_failure *failure) {
  bool said = failure->code == CURLE_UNSUPPORTED_PROTOCOL || failure->code == CURLE_NOT_BUILT_IN;
  return said && !failure->maybe_sent && pb_ascii_begins(failure->url, "https:") &&
         !pb_http_has_tls();
}

static void explain_code(pb_http_error *error, const pb_http_failure *failure, const char *origin) {
  if (lacks_tls(failure)) {
    error->never_retry = true;
    say(error, "tls", "no secure connection to ", origin,
        ": this libcurl is built without TLS; install one that has it");
    return;
  }
  int code = is_about_chunks(failure) ? CURLE_CHUNK_FAILED : (int)failure->code;
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    explain_timeout(error, failure, origin);
    return;
  case CURLE_COULDNT_CONNECT:
    explain_connect(error, failure, origin);
    return;
  case CURLE_COULDNT_RESOLVE_HOST:
    say(error, "network", "cannot find ", origin,
        ": its name does not resolve; check the name, and this machine's DNS");
    return;
  case CURLE_COULDNT_RESOLVE_PROXY:
    say(error, "network", "cannot reach ", origin, ": the proxy's name does not resolve");
    return;

  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
    error->never_retry = true;
    if (is_of_proxy(failure))
      say(error, "tls", "the certificate of the proxy on the way to ", origin, " was not accepted");
    else say(error, "tls", "the certificate of ", origin, " was not accepted");
    return;
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CRL_BADFILE:
    error->never_retry = true;
    say(error, "tls", "cannot check the certificate of ", origin,
        ": the certificates to trust cannot be read; check ca_file, or without it install the "
        "system's (package ca-certificates)");
    return;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_USE_SSL_FAILED:
    say(error, "tls", "no secure connection to ", origin, "; TLS 1.2 or newer is needed");
    return;

  case CURLE_URL_MALFORMAT:
    error->never_retry = true;
    say(error, "protocol", "the URL of ", origin, " is malformed");
    return;
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_UNSUPPORTED_PROTOCOL: /* libcurl's code for "not HTTP at all" */
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_CHUNK_FAILED:
    say(error, "protocol", "the answer of ", origin, " is not correct HTTP");
    return;

  case PB_CURLE_TOO_LARGE:
    say(error, "too_large", "the answer of ", origin,
        " has more headers, or a longer one, than libcurl takes");
    return;
  case CURLE_OUT_OF_MEMORY: /* libcurl's code for lines above 100 kB as well */
    say(error, "too_large", "there is not enough memory for the answer of ", origin,
        ", or one of its header lines is too long");
    return;

  case CURLE_PARTIAL_FILE:
    say(error, "network", "the connection to ", origin, " closed in the middle of the answer");
    return;
  case CURLE_GOT_NOTHING:
    say(error, "network", "", origin, " closed the connection without an answer");
    return;
  case CURLE_HTTP2: /* libcurl reports a server that closes the connection with these codes too */
  case CURLE_HTTP2_STREAM:
  case CURLE_SEND_ERROR:
  case CURLE_RECV_ERROR:
    say(error, "network", "the connection to ", origin,
        failure->maybe_sent ? " broke before the answer was complete"
                            : " broke before the request was sent");
    return;
  default:
    say(error, "network", "the request to ", origin, " failed");
    return;
  }
}

void pb_http_explain(pb_http_error *error, const pb_http_failure *failure) {
  char origin[ORIGIN_SIZE];
  origin_of(failure->url, origin);
  error->maybe_sent = failure->maybe_sent;
  error->never_retry = false;
  error->status = 0;
  if (failure->stop != PB_HTTP_NOT_STOPPED) {
    explain_stop(error, failure, origin);
    return;
  }
  long connect_status = 0;
  curl_easy_getinfo(failure->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
  if (!failure->maybe_sent && connect_status == 407) {
    error->never_retry = true; /* a password that is refused again and again locks the account */
    error->status = 407;
    say(error, "unauthorized", "the proxy on the way to ", origin,
        " did not accept its credentials (status 407); check the user name and password in proxy, "
        "or "
        "in the environment's proxy variables");
  } else if (!failure->maybe_sent && connect_status >= 300) {
    char behind[64];
    snprintf(behind, sizeof behind, ": it answered with status %ld", connect_status);
    say(error, "network", "the proxy does not connect to ", origin, behind);
  } else {
    explain_code(error, failure, origin);
  }
  /* Some versions quote a malformed URL, which may have secrets in it. */
  if (failure->code == CURLE_URL_MALFORMAT) return;
  const char *detail = failure->detail;
  add_detail(error,
             detail[0] && !quotes_address(detail) ? detail : curl_easy_strerror(failure->code));
}
