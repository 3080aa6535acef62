#ifndef PB_BASE_USERINFO_H
#define PB_BASE_USERINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* User names and passwords in addresses: https://user:password@host/. They are never shown. */

/* Finds the first userinfo of an address in `text` from the offset `from` on: bytes `*start` up to `*end`,
 * which stand before an "@". Of "sip:user:password@host" it is the password alone, as the user is a phone
 * number or a name. A password with an unescaped "/", "?" or "#" counts as one, too. The text may be no
 * address, or have several in it. The time is linear in `length`. */
bool pb_userinfo_find(const char *text, size_t length, size_t from, size_t *start, size_t *end);

/* Replaces every userinfo in the bytes of `buffer` from the offset `from` on by ***. */
void pb_userinfo_hide(pb_buffer *buffer, size_t from);

#endif
