#include "http/handle.h"

#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "http/quirks.h"

/* From 7.80 on, libcurl calls back just before it sends a request. Only that tells for certain whether
 * anything was sent, and only there libcurl can be kept from sending a request again: it does so by itself
 * when a kept connection closes without a response, whatever the method. Without this callback, requests
 * that must not be repeated use a new connection, on which libcurl never repeats. These are the callback's
 * results, which libcurl's header has from 7.80 on. */
enum { PREREQ_OK = 0, PREREQ_ABORT = 1 };

static int on_request(void *context, char *remote, char *local, int remote_port, int local_port) {
  pb_http_handle *handle = context;
  pb_http_transfer *transfer = handle->transfer;
  /* libcurl repeats a request only if the kept connection may have been closed all the time. Retries after
   * a failure are not for libcurl to decide. */
  if (transfer->requested && !(transfer->repeatable && handle->reused)) {
    transfer->stop = PB_HTTP_NOT_SENT_TWICE;
    return PREREQ_ABORT;
  }
  pb_http_ends where = {local, remote, local_port, remote_port};
  bool unfit;
  pb_http_sockets_leave(handle->sockets, handle->socket, PB_HTTP_NOTHING_SEEN);
  handle->socket = pb_http_sockets_enter(handle->sockets, &where, &unfit, &handle->reused);
  if (unfit) {
    transfer->stop = PB_HTTP_UNFIT_CONNECTION;
    return PREREQ_ABORT;
  }
  /* libcurl (at least up to 7.88) counts its own repetitions over the lifetime of the handle, and gives up
   * at the sixth, however long ago the others were. */
  if (transfer->requested) handle->spent = true;
  transfer->requested = true;
  return PREREQ_OK;
}

/* Returns false when libcurl does not call back before it sends. */
static bool watch_requests(pb_http_handle *handle) {
  return !pb_http_has(PB_HTTP_SENDS_UNSEEN) &&
         curl_easy_setopt(handle->easy, PB_CURLOPT_PREREQDATA, handle) == CURLE_OK &&
         curl_easy_setopt(handle->easy, PB_CURLOPT_PREREQFUNCTION, on_request) == CURLE_OK;
}

pb_http_handle *pb_http_handle_new(CURL *model, long slack_ms) {
  pb_http_handle *handle = pb_realloc(NULL, sizeof *handle);
  if (!handle) return NULL;
  *handle = (pb_http_handle){
      .easy = curl_easy_duphandle(model), .parsed_url = curl_url(), .slack_ms = slack_ms};
  pb_buffer_init(&handle->url);
  CURL *easy = handle->easy;
  if (!easy || !handle->parsed_url || curl_easy_setopt(easy, CURLOPT_PRIVATE, handle) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handle->detail) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_WRITEDATA, handle) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, pb_http_on_body) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, pb_http_on_head) != CURLE_OK ||
      (slack_ms && pb_http_lookup_watch(&handle->lookup, easy) != CURLE_OK)) {
    pb_http_handle_free(handle);
    return NULL;
  }
  handle->fresh_connection = !watch_requests(handle);
  return handle;
}

bool pb_http_handle_renew(pb_http_handle *handle) {
  CURL *fresh = curl_easy_duphandle(handle->easy);
  if (!fresh) return false;
  curl_easy_cleanup(handle->easy);
  handle->easy = fresh;
  handle->spent = false;
  return true;
}

void pb_http_handle_free(pb_http_handle *handle) {
  if (!handle) return;
  curl_easy_cleanup(handle->easy);
  curl_url_cleanup(handle->parsed_url);
  pb_headers_release(handle->headers);
  pb_buffer_free(&handle->url);
  pb_free(handle);
}

bool pb_http_handle_leave(pb_http_handle *handle) {
  CURL *fresh = curl_easy_duphandle(handle->easy);
  if (!fresh) return false;
  pb_http_lookup_leave(handle->easy);
  handle->easy = fresh;
  handle->lookup = (pb_http_lookup){0};
  return true;
}

static inline bool is_method(const char *method, const char *name) {
  return *method == *name && strcmp(method, name) == 0;
}

/* The methods that RFC 9110 (9.2.1) calls safe: only these may libcurl repeat when a kept connection turns
 * out to be closed. Of a repeated PUT or DELETE, it would report the second response only, which may be a
 * refusal although the first copy was applied. */
static bool is_safe(const char *method) {
  static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (is_method(method, methods[i])) return true;
  return false;
}

static CURLcode set_method(pb_http_handle *handle, const pb_http_request *request) {
  CURL *easy = handle->easy;
  /* A POST, PUT or PATCH without content sends Content-Length: 0. */
  bool with_body = request->body || is_method(request->method, "POST") ||
                   is_method(request->method, "PUT") || is_method(request->method, "PATCH");
  bool head = is_method(request->method, "HEAD");
  pb_http_shape shape = head ? PB_HTTP_HEAD : with_body ? PB_HTTP_WITH_BODY : PB_HTTP_NO_BODY;
  const char *own = head ? "HEAD" : with_body ? "POST" : "GET";
  const char *method = is_method(request->method, own) ? "" : request->method;
  CURLcode code = CURLE_OK;

  if (handle->shape != shape) {
    CURLoption option = head ? CURLOPT_NOBODY : with_body ? CURLOPT_POST : CURLOPT_HTTPGET;
    code = curl_easy_setopt(easy, option, 1L);
    handle->shape = code ? PB_HTTP_ANY_BODY : shape;
  }
  if (!code && !is_method(handle->method, method)) {
    code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method[0] ? method : NULL);
    /* After a failure the state of libcurl is unknown: "?" equals no method. */
    strncpy(handle->method, code ? "?" : method, PB_HTTP_METHOD_LENGTH);
  }
  if (shape != PB_HTTP_WITH_BODY || code) return code;

  size_t length = request->body ? request->body_length : 0;
  code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
  if (!code && (handle->body_length != length || length == 0))
    code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
  handle->body_length = length;
  return code;
}

/* Whether libcurl takes the path of a URL, and all that follows, as it is. */
static bool is_plain_path(const char *path) {
  if (*path != '/') return false;
  for (; *path; path++) {
    char c = *path;
    if (c == '/' ? path[1] == '.' || path[1] == '/'
                 : !pb_ascii_is_alphanumeric(c) && c != '-' && c != '_' && c != '.' && c != '~')
      return false;
  }
  return true;
}

/* Parses a URL, unless it has nothing but another path than the one before: that saves a twentieth of libcurl's
 * work where the key of a record stands in the path. */
static CURLUcode parse_url(pb_http_handle *handle, const char *url) {
  const char *host = strstr(url, "://") + 3;
  size_t origin = (size_t)(host - url) + strcspn(host, "/?#");
  bool plain = is_plain_path(url + origin);
  bool same = plain && handle->plain_origin == origin && handle->url.length > origin &&
              memcmp(handle->url.data, url, origin) == 0;
  CURLUcode problem = same ? curl_url_set(handle->parsed_url, CURLUPART_PATH, url + origin, 0)
                           : curl_url_set(handle->parsed_url, CURLUPART_URL, url, 0);
  handle->plain_origin = plain && !problem ? origin : 0;
  return problem;
}

static CURLcode set_url(pb_http_handle *handle, const char *url) {
  CURL *easy = handle->easy;
  size_t size = strlen(url) + 1;
  pb_buffer *known = &handle->url;
  if (known->length == size && memcmp(known->data, url, size) == 0) return CURLE_OK;
  /* The URL is parsed once and not for each request, which saves a twelfth of libcurl's work. libcurl
   * itself reports the problem with the text. */
  CURLUcode problem = parse_url(handle, url);
  pb_buffer_cut(known, 0);
  if (!pb_buffer_add(known, url, size)) return CURLE_OUT_OF_MEMORY;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_CURLU, problem ? NULL : handle->parsed_url);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_URL, url);
  /* With TLS, which may negotiate HTTP/2, a request waits to see whether it can share a connection. In
   * clear text it would wait for the first response, only to learn that it cannot. */
  long wait = handle->http_version != CURL_HTTP_VERSION_1_1 && pb_ascii_begins(url, "https:");
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PIPEWAIT, wait);
  if (code) pb_buffer_cut(known, 0);
  return code;
}

bool pb_http_handle_prepare(pb_http_handle *handle, pb_http_transfer *transfer,
                            const pb_http_request *request) {
  CURL *easy = handle->easy;
  transfer->repeatable = is_safe(request->method);
  handle->detail[0] = '\0';
  handle->lookup = (pb_http_lookup){0};

  CURLcode code = set_url(handle, request->url);
  if (!code) code = set_method(handle, request);
  struct curl_slist *list = pb_headers_for(request->headers, request->body_length);
  if (!code && (handle->headers != request->headers || handle->header_list != list)) {
    code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    /* The old set is released only now, because libcurl no longer points to it. */
    pb_headers_retain(request->headers);
    pb_headers_release(handle->headers);
    handle->headers = request->headers;
    handle->header_list = list;
  }
  const char *agent = request->headers->has_user_agent ? NULL : handle->user_agent;
  if (!code && handle->named_agent != agent) {
    code = curl_easy_setopt(easy, CURLOPT_USERAGENT, agent);
    handle->named_agent = code ? NULL : agent;
  }
  if (!code && handle->timeout_ms != request->timeout_ms) {
    code = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->timeout_ms + handle->slack_ms);
    handle->timeout_ms = request->timeout_ms;
  }
  bool fresh = handle->fresh_connection && (!transfer->repeatable || handle->outlived);
  if (!code && handle->fresh != fresh) {
    code = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
    handle->fresh = fresh;
  }
  /* It may send it again unseen: see on_request. */
  if (handle->fresh_connection && !fresh) handle->spent = true;
  return code == CURLE_OK;
}

bool pb_http_handle_diverted(pb_http_handle *handle) {
  pb_http_transfer *transfer = handle->transfer;
  if (transfer->stop != PB_HTTP_UNFIT_CONNECTION) return false;
  transfer->stop = PB_HTTP_NOT_STOPPED;
  handle->detail[0] = '\0';
  handle->fresh = true;
  return curl_easy_setopt(handle->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}

/* The evidence of the end of a request about its connection. */
static pb_http_seen seen_of(const pb_http_transfer *transfer, CURLcode code) {
  /* With both, the encoding counts; but the bytes after it may be those that the length counted. */
  if (transfer->stop == PB_HTTP_CANCELLED) return PB_HTTP_NOTHING_SEEN;
  if (code != CURLE_OK || (transfer->encoded && transfer->has_length)) return PB_HTTP_IN_DOUBT;
  /* HTTP/2 assigns bytes to requests itself, and sends some that belong to none. */
  return transfer->http_version <= CURL_HTTP_VERSION_1_1 ? PB_HTTP_ONE_AT_A_TIME : PB_HTTP_SHARED;
}

/* Releases of libcurl differ in the lines that they reject before on_head sees them, and in the error: this gives the
 * one of on_head. */
static pb_http_stop stop_of(const pb_http_handle *handle, CURLcode code) {
  const pb_http_transfer *transfer = handle->transfer;
  bool within_head = !transfer->head_complete && transfer->head.length > 0;
  switch (code) {
  case CURLE_UNSUPPORTED_PROTOCOL:
  case CURLE_WEIRD_SERVER_REPLY:
    if (!within_head && transfer->status == 0) return PB_HTTP_BAD_STATUS_LINE;
    return strstr(handle->detail, "Content-Length") ? PB_HTTP_CONTRADICTION
                                                    : PB_HTTP_BAD_FIELD_LINE;
  case CURLE_BAD_CONTENT_ENCODING:
    return within_head || strstr(handle->detail, "Unrecognized content encoding")
               ? PB_HTTP_BAD_CODING
               : PB_HTTP_NOT_STOPPED;
  case CURLE_BAD_FUNCTION_ARGUMENT: /* for a line that its store of headers rejects */
    return transfer->head_bytes > 0 ? PB_HTTP_BAD_FIELD_LINE : PB_HTTP_NOT_STOPPED;
  default:
    return PB_HTTP_NOT_STOPPED;
  }
}

/* The same where libcurl does not tell, out of its counts: the bytes of a CONNECT count as well, and
 * through a tunnel nothing goes before the handshake in it. */
static bool may_have_sent(const pb_http_handle *handle) {
  CURL *easy = handle->easy;
  long sent = 0, connections = 0;
  curl_off_t handshake = 0;
  curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
  curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &handshake);
  bool tunnelled = handle->proxied && pb_ascii_begins(handle->url.data, "https:");
  return sent > 0 && !(tunnelled && connections > 0 && handshake == 0);
}

void pb_http_handle_conclude(pb_http_handle *handle, CURLcode code) {
  CURL *easy = handle->easy;
  pb_http_transfer *transfer = handle->transfer;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  transfer->status = status >= 200 ? status : 0;
  /* libcurl keeps the system's error number, which not every failure sets anew. */
  if (code != CURLE_OK) handle->spent = true;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &transfer->http_version);
  pb_http_sockets_leave(handle->sockets, handle->socket, seen_of(transfer, code));
  handle->socket = 0;
  bool maybe_sent = transfer->requested;
  if (handle->fresh_connection) maybe_sent = handle->touched && may_have_sent(handle);
  if (transfer->stop == PB_HTTP_NOT_STOPPED && maybe_sent) transfer->stop = stop_of(handle, code);
  /* libcurl accepts a header that is cut off, a response that has only interim ones, and another protocol
   * than the one asked for. */
  if (code == CURLE_OK && status == 101) code = CURLE_WEIRD_SERVER_REPLY;
  if (code == CURLE_OK && (!transfer->head_complete || status < 200)) code = CURLE_PARTIAL_FILE;
  if (code == CURLE_FILESIZE_EXCEEDED) transfer->stop = PB_HTTP_BODY_TOO_LARGE;
  if (code == CURLE_OK && transfer->stop == PB_HTTP_NOT_STOPPED) return;

  bool body = transfer->stop == PB_HTTP_BODY_TOO_LARGE;
  pb_http_failure failure = {.easy = easy,
                             .url = handle->url.data,
                             .code = code,
                             .stop = transfer->stop,
                             .detail = handle->detail,
                             .maybe_sent = maybe_sent,
                             .proxied = handle->proxied,
                             .used_up = handle->sockets->used_up || handle->lookup.used_up,
                             .timeout_ms = handle->timeout_ms,
                             .connect_timeout_ms = handle->connect_timeout_ms,
                             .limit = body ? handle->body_limit : (size_t)PB_HTTP_HEAD_LIMIT};
  pb_http_explain(&transfer->error, &failure);
}
