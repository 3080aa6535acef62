#include "http/transfer.h"

#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "http/line.h"

/* libcurl 7.80 can say "I am about to send this now". That is the only certain way to know whether
 * anything was sent, and the only place to stop libcurl from sending a request again: it does so by
 * itself when a kept connection closes without an answer, whatever the method. Where there is no
 * such call, requests that must not be repeated go over a new connection, on which libcurl never
 * repeats. */
#define HAVE_PREREQ (LIBCURL_VERSION_NUM >= 0x075000)

/* Room that fits the headers of most answers, so that they need one allocation. */
enum { FIRST_HEAD_CAPACITY = 512 };

/* Room that a transfer takes along to its next request; what an unusually large answer needed is
 * given back. */
enum { KEPT_CAPACITY = 16 * 1024 };

void pb_http_transfer_init(pb_http_transfer *transfer) {
  *transfer = (pb_http_transfer){0};
  pb_buffer_init(&transfer->head);
  pb_buffer_init(&transfer->body);
  pb_buffer_init(&transfer->error.message);
}

static void empty(pb_buffer *buffer) {
  if (buffer->capacity > KEPT_CAPACITY) pb_buffer_free(buffer);
  else buffer->length = 0;
}

void pb_http_transfer_reset(pb_http_transfer *transfer) {
  pb_buffer head = transfer->head, body = transfer->body, message = transfer->error.message;
  empty(&head);
  empty(&body);
  empty(&message);
  *transfer = (pb_http_transfer){.head = head, .body = body, .error.message = message};
}

void pb_http_transfer_free(pb_http_transfer *transfer) {
  pb_buffer_free(&transfer->head);
  pb_buffer_free(&transfer->body);
  pb_buffer_free(&transfer->error.message);
}

const char *pb_http_url_problem(const char *url, size_t length) {
  size_t host = pb_ascii_begins(url, "http://") ? 7 : pb_ascii_begins(url, "https://") ? 8 : 0;
  if (host == 0) return "the URL must start with http:// or https://";
  for (size_t i = host; i < length; i++) {
    unsigned char c = (unsigned char)url[i];
    if (c <= ' ' || c >= 0x7f)
      return "the URL has a space, a control character or a byte above 126; percent-encode it";
  }
  if (strcspn(url + host, "/?#") == 0) return "the URL has no host";
  return NULL;
}

/* Called by libcurl, and so must not meet Lua: they only fill buffers. Taking fewer bytes than
 * offered makes libcurl end the transfer. */

static size_t stop(pb_http_transfer *transfer, pb_http_stop reason) {
  transfer->stop = reason;
  return 0;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
  pb_http_handle *handle = context;
  pb_http_transfer *transfer = handle->transfer;
  size_t length = size * count;
  if (length > handle->body_limit - transfer->body.length)
    return stop(transfer, PB_HTTP_BODY_TOO_LARGE);
  if (!pb_buffer_add(&transfer->body, bytes, length)) return stop(transfer, PB_HTTP_NO_MEMORY);
  return length;
}

/* The line's value where its name is `name`, which ends in a colon; else null. Lines end with a line
 * feed, and not with a NUL. */
static const char *value_of(const char *line, size_t length, const char *name) {
  size_t size = strlen(name);
  /* Nearly every line is another one. */
  if (length <= size || (*line | 0x20) != (*name | 0x20)) return NULL;
  if (!pb_ascii_same(line, name, size)) return NULL;
  line += size;
  while (*line == ' ' || *line == '\t') line++;
  return line;
}

/* Remembers what the value of a Content-Length says. False when it is no length, or another than before:
 * where the answer ends is then anybody's guess (RFC 9112, 6.3). */
static bool read_length(pb_http_transfer *transfer, const char *value) {
  /* Of a large number only that it is one: such an answer is too large in any case. */
  const curl_off_t large = 1000000000000000;
  if (*value < '0' || *value > '9') return false;
  curl_off_t number = 0;
  for (; *value >= '0' && *value <= '9'; value++)
    if (number < large) number = number * 10 + (*value - '0');
  while (*value == ' ' || *value == '\t') value++;
  if (*value != '\r' && *value != '\n') return false;
  if (transfer->has_length && transfer->length != number) return false;
  transfer->has_length = true;
  transfer->length = number;
  return true;
}

/* Reads what a field line says about where the answer ends. */
static pb_http_stop read_framing(pb_http_transfer *transfer, const char *line, size_t length) {
  const char *value = value_of(line, length, "Content-Length:");
  transfer->framing = value != NULL;
  if (value) return read_length(transfer, value) ? PB_HTTP_NOT_STOPPED : PB_HTTP_CONTRADICTION;
  value = value_of(line, length, "Transfer-Encoding:");
  if (!value) return PB_HTTP_NOT_STOPPED;
  transfer->framing = transfer->encoded = true;
  return pb_http_is_plain_coding(value) ? PB_HTTP_NOT_STOPPED : PB_HTTP_BAD_CODING;
}

/* What is wrong with a line that ends no block and begins none, of the header or of the trailers. */
static pb_http_stop check_field_line(pb_http_transfer *transfer, const char *line, size_t length) {
  if (*line == ' ' || *line == '\t') {
    if (!transfer->may_continue) return PB_HTTP_BAD_FIELD_LINE;
    /* libcurl, before 8.18, has read the first line as if there was no other. */
    return transfer->framing && !pb_http_is_blank(line, length) ? PB_HTTP_CONTRADICTION
                                                                : PB_HTTP_NOT_STOPPED;
  }
  if (!pb_http_is_field_line(line, length)) return PB_HTTP_BAD_FIELD_LINE;
  transfer->may_continue = true;
  /* Trailers may not change what the header said. */
  if (transfer->head_complete) return PB_HTTP_NOT_STOPPED;
  return read_framing(transfer, line, length);
}

/* Whether the answer may be in HTTP/2 or newer, which only TLS leads to. */
static bool may_be_newer(const pb_http_handle *handle) {
  return handle->http_version != CURL_HTTP_VERSION_1_1 &&
         pb_ascii_begins(handle->url.data, "https:");
}

static size_t on_head(char *line, size_t size, size_t count, void *context) {
  pb_http_handle *handle = context;
  pb_http_transfer *transfer = handle->transfer;
  pb_buffer *head = &transfer->head;
  size_t length = size * count;
  if (length > PB_HTTP_HEAD_LIMIT - transfer->head_bytes)
    return stop(transfer, PB_HTTP_HEAD_TOO_LARGE);
  transfer->head_bytes += length;

  const char *bytes = line;
  size_t rest = length;
  bool ends = *line == '\r' || *line == '\n';
  /* Behind one block comes another (the first was an interim answer, 1xx), or trailers. */
  bool begins =
      !transfer->head_complete ? head->length == 0 : length >= 5 && memcmp(line, "HTTP/", 5) == 0;
  pb_http_stop problem = PB_HTTP_NOT_STOPPED;
  if (begins) {
    if (!pb_http_is_status_line(line, length, may_be_newer(handle)))
      problem = PB_HTTP_BAD_STATUS_LINE;
    transfer->head_complete = transfer->has_length = transfer->encoded = false;
    head->length = 0;
  } else if (!ends) {
    problem = check_field_line(transfer, line, length);
  }
  if (!problem && !ends && pb_http_has_bare_return(line, length)) problem = PB_HTTP_BAD_FIELD_LINE;
  if (begins || ends) transfer->may_continue = transfer->framing = false;
  if (problem) return stop(transfer, problem);
  if (transfer->head_complete) return length;

  if (*line == ' ' || *line == '\t') {
    /* A line that continues the one before (RFC 9112, 5.2): the break becomes a space. */
    while (head->length > 0 && strchr("\r\n", head->data[head->length - 1])) head->length--;
    while (rest > 1 && (bytes[1] == ' ' || bytes[1] == '\t')) bytes++, rest--;
  }
  if (ends) transfer->head_complete = true;
  if ((head->capacity == 0 && !pb_buffer_reserve(head, FIRST_HEAD_CAPACITY)) ||
      !pb_buffer_add(head, bytes, rest))
    return stop(transfer, PB_HTTP_NO_MEMORY);
  return length;
}

#if HAVE_PREREQ
static int on_request(void *context, char *remote, char *local, int remote_port, int local_port) {
  pb_http_handle *handle = context;
  pb_http_transfer *transfer = handle->transfer;
  /* Once more only where the kept connection may have been closed all the time: what is tried again
   * after a failure is not libcurl's to decide. */
  if (transfer->requested && !(transfer->repeatable && handle->reused)) {
    stop(transfer, PB_HTTP_NOT_SENT_TWICE);
    return CURL_PREREQFUNC_ABORT;
  }
  pb_http_ends where = {local, remote, local_port, remote_port};
  bool unfit;
  pb_http_sockets_leave(handle->sockets, handle->socket, PB_HTTP_NOTHING_SEEN);
  handle->socket = pb_http_sockets_enter(handle->sockets, &where, &unfit, &handle->reused);
  if (unfit) {
    stop(transfer, PB_HTTP_UNFIT_CONNECTION);
    return CURL_PREREQFUNC_ABORT;
  }
  /* libcurl (at least up to 7.88) counts what it sends again by itself for as long as there is the
   * handle, and gives up at the sixth time, however long ago the others were. */
  if (transfer->requested) handle->spent = true;
  transfer->requested = true;
  return CURL_PREREQFUNC_OK;
}
#endif

/* False when the libcurl that runs is older than the one this was built with. */
static bool watch_requests(pb_http_handle *handle) {
#if HAVE_PREREQ
  return curl_easy_setopt(handle->easy, CURLOPT_PREREQDATA, handle) == CURLE_OK &&
         curl_easy_setopt(handle->easy, CURLOPT_PREREQFUNCTION, on_request) == CURLE_OK;
#else
  (void)handle;
  return false;
#endif
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
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_HEADERDATA, handle) != CURLE_OK ||
      curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head) != CURLE_OK ||
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

/* Methods that RFC 9110 (9.2.1) calls safe: these alone may be sent again by libcurl, when a kept
 * connection turns out to be closed. Of a PUT or DELETE too it would tell the second answer alone, which
 * may be a refusal though the first copy was carried out. */
static bool is_safe(const char *method) {
  static const char *const methods[] = {"GET", "HEAD", "OPTIONS", "TRACE"};
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
    if (strcmp(method, methods[i]) == 0) return true;
  return false;
}

static CURLcode set_method(pb_http_handle *handle, const pb_http_request *request) {
  CURL *easy = handle->easy;
  /* A POST, PUT or PATCH without content says so: Content-Length: 0. */
  bool with_body = request->body || strcmp(request->method, "POST") == 0 ||
                   strcmp(request->method, "PUT") == 0 || strcmp(request->method, "PATCH") == 0;
  bool head = strcmp(request->method, "HEAD") == 0;
  pb_http_shape shape = head ? PB_HTTP_HEAD : with_body ? PB_HTTP_WITH_BODY : PB_HTTP_NO_BODY;
  const char *own = head ? "HEAD" : with_body ? "POST" : "GET";
  const char *method = strcmp(request->method, own) == 0 ? "" : request->method;
  CURLcode code = CURLE_OK;

  if (handle->shape != shape) {
    CURLoption option = head ? CURLOPT_NOBODY : with_body ? CURLOPT_POST : CURLOPT_HTTPGET;
    code = curl_easy_setopt(easy, option, 1L);
    handle->shape = code ? PB_HTTP_ANY_BODY : shape;
  }
  if (!code && strcmp(handle->method, method) != 0) {
    code = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method[0] ? method : NULL);
    /* After a failure it is unknown what libcurl has: "?" equals no method. */
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

static CURLcode set_url(pb_http_handle *handle, const char *url) {
  CURL *easy = handle->easy;
  size_t size = strlen(url) + 1;
  pb_buffer *known = &handle->url;
  if (known->length == size && memcmp(known->data, url, size) == 0) return CURLE_OK;
  known->length = 0;
  if (!pb_buffer_add(known, url, size)) return CURLE_OUT_OF_MEMORY;
  /* Parsed once, not by each request: a twelfth of all that libcurl does for one. What is wrong with
   * a URL libcurl says itself, of the text. */
  CURLUcode problem = curl_url_set(handle->parsed_url, CURLUPART_URL, url, 0);
  CURLcode code = curl_easy_setopt(easy, CURLOPT_CURLU, problem ? NULL : handle->parsed_url);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_URL, url);
  /* Where TLS may offer HTTP/2, a request waits to see whether it can share a connection. In clear text
   * it would wait for the answer to the first one, to learn that it cannot. */
  long wait = handle->http_version != CURL_HTTP_VERSION_1_1 && pb_ascii_begins(url, "https:");
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PIPEWAIT, wait);
  if (code) known->length = 0;
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
    /* The old set is let go only now that libcurl does not point at it any more. */
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

/* What the end of its request says about a connection. */
static pb_http_seen seen_of(const pb_http_transfer *transfer, CURLcode code) {
  /* With both, the encoding counts; but bytes behind it may be what the length counted. */
  if (transfer->stop == PB_HTTP_CANCELLED) return PB_HTTP_NOTHING_SEEN;
  if (code != CURLE_OK || (transfer->encoded && transfer->has_length)) return PB_HTTP_IN_DOUBT;
  /* HTTP/2 says by itself to which request its bytes belong, and has some that belong to none. */
  return transfer->http_version <= CURL_HTTP_VERSION_1_1 ? PB_HTTP_ONE_AT_A_TIME : PB_HTTP_SHARED;
}

/* Releases of libcurl differ in what they refuse by themselves, before on_head sees it, and in their words
 * for it: it becomes what on_head would have said. */
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
  case CURLE_BAD_FUNCTION_ARGUMENT: /* of a line that its store of headers does not take */
    return transfer->head_bytes > 0 ? PB_HTTP_BAD_FIELD_LINE : PB_HTTP_NOT_STOPPED;
  default:
    return PB_HTTP_NOT_STOPPED;
  }
}

void pb_http_handle_conclude(pb_http_handle *handle, CURLcode code) {
  CURL *easy = handle->easy;
  pb_http_transfer *transfer = handle->transfer;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  transfer->status = status >= 200 ? status : 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &transfer->http_version);
  pb_http_sockets_leave(handle->sockets, handle->socket, seen_of(transfer, code));
  handle->socket = 0;
  bool maybe_sent = transfer->requested;
  if (handle->fresh_connection) {
    long sent = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent);
    maybe_sent = sent > 0;
  }
  if (transfer->stop == PB_HTTP_NOT_STOPPED && maybe_sent) transfer->stop = stop_of(handle, code);
  /* libcurl is content with a header that is cut off, or with interim answers alone; and with another
   * protocol that nobody asked for. */
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
