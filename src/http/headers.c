#include "http/headers.h"

#include <string.h>

#include "base/ascii.h"
#include "base/memory.h"

bool pb_http_is_token(const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char c = bytes[i];
    /* strchr would also find the NUL at the end of the list. */
    if (!pb_ascii_is_alphanumeric(c) && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c))) return false;
  }
  return length > 0;
}

const char *pb_header_problem_text(pb_header_problem problem) {
  switch (problem) {
  case PB_HEADER_NAME:
    return "it must be \"Name: value\" with a valid name";
  case PB_HEADER_VALUE:
    return "its value has a control character (a line break, a NUL)";
  case PB_HEADER_FRAMING:
    return "it follows from the body and cannot be set";
  case PB_HEADER_MEMORY:
    return "not enough memory";
  case PB_HEADER_FINE:
    break;
  }
  return "nothing is wrong with it";
}

pb_headers *pb_headers_new(void) {
  pb_headers *headers = pb_realloc(NULL, sizeof *headers);
  if (headers) *headers = (pb_headers){.references = 1};
  return headers;
}

pb_headers *pb_headers_retain(pb_headers *headers) {
  headers->references++;
  return headers;
}

void pb_headers_release(pb_headers *headers) {
  if (!headers || --headers->references > 0) return;
  curl_slist_free_all(headers->list);
  pb_free(headers);
}

static bool append(pb_headers *headers, const char *line) {
  struct curl_slist *list = curl_slist_append(headers->list, line);
  if (list) headers->list = list;
  return list != NULL;
}

static bool is_name(const char *name, size_t length, const char *other) {
  return strlen(other) == length && pb_ascii_same(name, other, length);
}

pb_header_problem pb_headers_add(pb_headers *headers, const char *line, size_t length) {
  const char *colon = memchr(line, ':', length);
  size_t name_length = colon ? (size_t)(colon - line) : 0;
  if (!pb_http_is_token(line, name_length)) return PB_HEADER_NAME;

  bool blank = true;
  for (size_t i = name_length + 1; i < length; i++) {
    unsigned char c = (unsigned char)line[i];
    if ((c < ' ' && c != '\t') || c == 0x7f) return PB_HEADER_VALUE;
    if (c != ' ' && c != '\t') blank = false;
  }
  if (is_name(line, name_length, "Content-Length") ||
      is_name(line, name_length, "Transfer-Encoding") || is_name(line, name_length, "Expect"))
    return PB_HEADER_FRAMING;
  if (is_name(line, name_length, "Content-Type")) headers->has_content_type = true;
  if (is_name(line, name_length, "Accept-Encoding")) headers->has_accept_encoding = true;
  if (is_name(line, name_length, "User-Agent")) headers->has_user_agent = true;

  if (!blank) return append(headers, line) ? PB_HEADER_FINE : PB_HEADER_MEMORY;

  /* To libcurl "Name:" means to leave that header out; "Name;" sends it empty. */
  char *empty = pb_realloc(NULL, name_length + 2);
  if (!empty) return PB_HEADER_MEMORY;
  memcpy(empty, line, name_length);
  memcpy(empty + name_length, ";", 2);
  bool added = append(headers, empty);
  pb_free(empty);
  return added ? PB_HEADER_FINE : PB_HEADER_MEMORY;
}

/* The headers that libcurl would add by itself, in its order. It writes its own headers byte by byte and
 * twice for each request, but those that it is given only once: this saves 2 % of its work for a request. */
static bool accept_encodings(pb_headers *headers) {
  int features = curl_version_info(CURLVERSION_NOW)->features;
  char line[64] = "Accept-Encoding: ";
  size_t start = strlen(line);
  if (features & CURL_VERSION_LIBZ) strcat(line, "deflate, gzip, ");
  if (features & CURL_VERSION_BROTLI) strcat(line, "br, ");
#ifdef CURL_VERSION_ZSTD
  if (features & CURL_VERSION_ZSTD) strcat(line, "zstd, ");
#endif
  size_t length = strlen(line);
  if (length == start) return true;
  line[length - strlen(", ")] = '\0';
  return append(headers, line);
}

/* No version of libcurl sends "Expect: 100-continue" for a body as small as this. */
enum { NEVER_EXPECTED = 1024 };

bool pb_headers_finish(pb_headers *headers) {
  /* Without these, libcurl calls any body without a type a form, and waits for "100 Continue" before a
   * large one. It searches the whole list for each header that it might add. So headers that few requests
   * need come first, and the other requests start behind them. */
  if (!headers->has_content_type && !append(headers, "Content-Type:")) return false;
  if (!headers->has_accept_encoding && !accept_encodings(headers)) return false;
  struct curl_slist *first = curl_slist_append(NULL, "Expect:");
  if (!first) return false;
  first->next = headers->list;
  headers->list = first;
  return true;
}

struct curl_slist *pb_headers_for(const pb_headers *headers, size_t body_length) {
  return body_length > NEVER_EXPECTED ? headers->list : headers->list->next;
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

bool pb_http_field_next(pb_http_field *field, char **cursor, const char *end) {
  while (*cursor < end) {
    char *line = *cursor;
    char *line_end = memchr(line, '\n', (size_t)(end - line));
    *cursor = line_end ? line_end + 1 : line + (end - line);
    if (!line_end) line_end = *cursor;

    char *colon = memchr(line, ':', (size_t)(line_end - line));
    if (!colon || !pb_http_is_token(line, (size_t)(colon - line))) continue;
    const char *value = colon + 1;
    const char *value_end = line_end;
    while (value < value_end && (*value == ' ' || *value == '\t')) value++;
    while (value < value_end && is_blank(value_end[-1])) value_end--;
    *field = (pb_http_field){.name = line,
                             .name_length = (size_t)(colon - line),
                             .value = value,
                             .value_length = (size_t)(value_end - value)};
    return true;
  }
  return false;
}
