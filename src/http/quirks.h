#ifndef PB_HTTP_QUIRKS_H
#define PB_HTTP_QUIRKS_H

#include <stdbool.h>

/* Faults and habits that some releases of libcurl have and others have not. The table in quirks.c
 * says which releases, and why it matters. */
typedef enum {
  /* Writes through OpenSSL raise SIGPIPE when the server has closed. */
  PB_HTTP_RAISES_SIGPIPE,
  /* A handle's second response can make libcurl use memory that it has freed. */
  PB_HTTP_KEEPS_FREED_HEADER,
  /* The DNS cache keeps failed look-ups. */
  PB_HTTP_KEEPS_FAILED_LOOKUPS,
  /* A transfer whose name is being looked up cannot be ended or removed without waiting for the look-up. */
  PB_HTTP_JOINS_LOOKUPS,
  /* Protocols are allowed by bits, not by names. */
  PB_HTTP_PROTOCOLS_BY_BITS,
  /* Does not tell that a request is about to be sent. */
  PB_HTTP_SENDS_UNSEEN,
  PB_HTTP_QUIRKS
} pb_http_quirk;

/* Whether the libcurl that runs has it, whichever the module was built with. Cheap; from any thread. */
bool pb_http_has(pb_http_quirk quirk);

#endif
