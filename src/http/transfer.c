#include "http/transfer.h"

#include <string.h>

#include "base/ascii.h"
#include "http/handle.h"
#include "http/line.h"

/* Most header blocks fit this, and so need one allocation. */
enum { FIRST_HEAD_CAPACITY = 512 };

/* Memory that a transfer keeps for its next request; more, for an unusually large response, is freed. */
enum { KEPT_CAPACITY = 16 * 1024 };

void pb_http_transfer_init(pb_http_transfer *transfer) {
  *transfer = (pb_http_transfer){0};
  pb_buffer_init(&transfer->head);
  pb_buffer_init(&transfer->body);
  pb_buffer_init(&transfer->error.message);
}

static void empty(pb_buffer *buffer) {
  if (buffer->capacity > KEPT_CAPACITY) pb_buffer_free(buffer);
  else pb_buffer_cut(buffer, 0);
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

static size_t stop(pb_http_transfer *transfer, pb_http_stop reason) {
  transfer->stop = reason;
  return 0;
}

/* A line of a header, or the next part of a long one, that libcurl is about to store. If it continues a field
 * (see PB_HTTP_KEEPS_FREED_HEADER), libcurl must have stored that field in this transfer. */
static size_t preview(pb_http_transfer *transfer, const char *line, size_t length) {
  bool continues = !transfer->within_line && (*line == ' ' || *line == '\t');
  if (continues && !transfer->may_continue) return stop(transfer, PB_HTTP_BAD_FIELD_LINE);
  transfer->within_line = line[length - 1] != '\n';
  return length;
}

size_t pb_http_on_body(char *bytes, size_t size, size_t count, void *context) {
  pb_http_handle *handle = context;
  pb_http_transfer *transfer = handle->transfer;
  size_t length = size * count;
  if (handle->previews && !transfer->body_follows && length > 0)
    return preview(transfer, bytes, length);
  if (length > handle->body_limit - transfer->body.length)
    return stop(transfer, PB_HTTP_BODY_TOO_LARGE);
  if (!pb_buffer_add(&transfer->body, bytes, length)) return stop(transfer, PB_HTTP_NO_MEMORY);
  return length;
}

/* Returns the value of the line if its name is `name`, which ends with a colon; else null. Lines end with
 * a line feed, without a NUL. */
static inline const char *value_of(const char *line, size_t length, const char *name) {
  size_t size = strlen(name);
  /* Nearly every line has another name. */
  if (length <= size || line[size - 1] != ':') return NULL;
  if (!pb_ascii_same(line, name, size)) return NULL;
  line += size;
  while (*line == ' ' || *line == '\t') line++;
  return line;
}

/* Stores the value of a Content-Length. Returns false when it is not a length, or differs from an earlier
 * one: then the end of the response is undefined (RFC 9112, 6.3). */
static bool read_length(pb_http_transfer *transfer, const char *value) {
  /* A large number needs no exact value: such a response is too large in any case. */
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

/* Reads the fields that tell where the response ends. */
static pb_http_stop read_framing(pb_http_transfer *transfer, const char *line, size_t length) {
  const char *value = value_of(line, length, "Content-Length:");
  transfer->framing = value != NULL;
  if (value) return read_length(transfer, value) ? PB_HTTP_NOT_STOPPED : PB_HTTP_CONTRADICTION;
  value = value_of(line, length, "Transfer-Encoding:");
  if (!value) return PB_HTTP_NOT_STOPPED;
  transfer->framing = transfer->encoded = true;
  return pb_http_is_plain_coding(value) ? PB_HTTP_NOT_STOPPED : PB_HTTP_BAD_CODING;
}

/* Returns the problem with a line within a block, of the header or of the trailers. */
static pb_http_stop check_field_line(pb_http_transfer *transfer, const char *line, size_t length) {
  if (*line == ' ' || *line == '\t') {
    if (!transfer->may_continue) return PB_HTTP_BAD_FIELD_LINE;
    /* Before 8.18, libcurl read the first line as if there was no other. */
    return transfer->framing && !pb_http_is_blank(line, length) ? PB_HTTP_CONTRADICTION
                                                                : PB_HTTP_NOT_STOPPED;
  }
  if (!pb_http_is_field_line(line, length)) return PB_HTTP_BAD_FIELD_LINE;
  transfer->may_continue = true;
  /* Trailers must not change the framing of the header. */
  if (transfer->head_complete) return PB_HTTP_NOT_STOPPED;
  return read_framing(transfer, line, length);
}

/* Whether the response may be in HTTP/2 or newer, which needs TLS. */
static bool may_be_newer(const pb_http_handle *handle) {
  return handle->http_version != CURL_HTTP_VERSION_1_1 &&
         pb_ascii_begins(handle->url.data, "https:");
}

size_t pb_http_on_head(char *line, size_t size, size_t count, void *context) {
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
  /* After a block comes another one (the first was an interim response, 1xx), or trailers. */
  bool begins =
      !transfer->head_complete ? head->length == 0 : length >= 5 && memcmp(line, "HTTP/", 5) == 0;
  pb_http_stop problem = PB_HTTP_NOT_STOPPED;
  if (begins) {
    if (!pb_http_is_status_line(line, length, may_be_newer(handle)))
      problem = PB_HTTP_BAD_STATUS_LINE;
    transfer->interim = !problem && pb_http_is_interim(line);
    transfer->head_complete = transfer->has_length = transfer->encoded = false;
    pb_buffer_cut(head, 0);
  } else if (!ends) {
    problem = check_field_line(transfer, line, length);
  }
  if (!problem && !ends && pb_http_has_bare_return(line, length)) problem = PB_HTTP_BAD_FIELD_LINE;
  if (begins || ends) transfer->may_continue = transfer->framing = false;
  if (problem) return stop(transfer, problem);
  if (transfer->head_complete) return length;

  if (*line == ' ' || *line == '\t') {
    /* A line that continues the one before (RFC 9112, 5.2): the line break becomes a space. */
    while (head->length > 0 && strchr("\r\n", head->data[head->length - 1])) head->length--;
    while (rest > 1 && (bytes[1] == ' ' || bytes[1] == '\t')) bytes++, rest--;
  }
  if (ends) {
    transfer->head_complete = true;
    transfer->body_follows = !transfer->interim;
  }
  if ((head->capacity == 0 && !pb_buffer_reserve(head, FIRST_HEAD_CAPACITY)) ||
      !pb_buffer_add(head, bytes, rest))
    return stop(transfer, PB_HTTP_NO_MEMORY);
  return length;
}
