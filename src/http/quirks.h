#ifndef PB_HTTP_QUIRKS_H
#define PB_HTTP_QUIRKS_H

#include <stdbool.h>

/* Faults and habits of some releases of libcurl. The table in quirks.c lists the releases and the reasons. */
typedef enum {
  /* Writes through OpenSSL raise SIGPIPE when the server has closed. */
  PB_HTTP_RAISES_SIGPIPE,
  /* The second response of a handle can make libcurl use freed memory, unless its lines are checked before
   * libcurl stores them. */
  PB_HTTP_KEEPS_FREED_HEADER,
  /* The DNS cache keeps failed look-ups. */
  PB_HTTP_KEEPS_FAILED_LOOKUPS,
  /* A transfer cannot be ended or removed during its look-up without waiting for that. */
  PB_HTTP_JOINS_LOOKUPS,
  /* Protocols are allowed by bits, not by names. */
  PB_HTTP_PROTOCOLS_BY_BITS,
  /* Does not tell that a request is about to be sent. */
  PB_HTTP_SENDS_UNSEEN,
  PB_HTTP_QUIRKS
} pb_http_quirk;

/* Whether the libcurl that runs has the quirk, whichever one the module was built with. Cheap; may be
 * called from any thread. */
bool pb_http_has(pb_http_quirk quirk);

#endif
