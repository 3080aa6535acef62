#ifndef PB_SCHEMA_WATCH_H
#define PB_SCHEMA_WATCH_H

#include "schema/schema.h"
#include "json/reader.h"

/* Watches a response for anything but what nearly every one says: that the change was made, with the values that
 * were sent. It decides nothing: a response that is not plainly so is decoded and judged by the rules
 * (lua/patchbay/record/response_check.lua, record/compare.c), which agree with it where it is. */

/* Responses of records with more fields get the closer look. */
enum { PB_WATCH_FIELDS = 128 };

/* Position of a field -> that of the one that came behind it last time; 0: none, or unknown. Payloads and responses
 * have their fields nearly always in the same order. */
typedef uint8_t pb_watch_order[PB_WATCH_FIELDS + 1];

/* The members that are watched, for one operation. */
typedef struct {
  const pb_schema *schema; /* of the record: an object */
  int key;                 /* position of the key; 0: none */
  int status;              /* position of an order's status; 0: it is no order */
  const pb_text *complete; /* the words of an order that is complete, in small letters */
  size_t complete_count;
  /* The names of an envelope's members; `data` is empty where there is no envelope, each other one where it
   * does not have that member. */
  pb_text code, data, message, request_id, timestamp;
  pb_watch_order *sent_order, *order; /* only save time */
} pb_watch;

/* The findings. Strings are without their quotes and have no escapes; `bytes` is null where there is none. */
typedef struct {
  bool plain; /* nothing calls for a closer look */
  bool shows; /* a field of the record, other than the key */
  pb_text message, request_id, timestamp;
} pb_watched;

/* Checks and watches the text of a response. False: it is no JSON, and `error` says why.
 *   sent  the payload, as record/payload.c writes it
 *   key   the record's key as it stands in JSON: with its quotes, or digits */
bool pb_watch_response(const pb_watch *watch, const char *text, size_t length, const pb_text *sent,
                       const pb_text *key, pb_watched *found, pb_json_error *error);

#endif
