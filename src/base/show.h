#ifndef PB_BASE_SHOW_H
#define PB_BASE_SHOW_H

#include "base/buffer.h"

/* Values as an error shows them to a person. What a script or a vendor wrote never reaches a terminal
 * or a log raw: control characters and bytes that are no text come out as escapes. */

/* How much of a wrong value an error shows: enough to recognise it, not enough to flood a terminal. */
enum { PB_SHOWN_BYTES = 60 };

/* Appends `"text"`, shortened; as a whole or, where there is no room, not at all: no error shows a literal that
 * ends too early. */
void pb_show_text(pb_buffer *out, const char *text, size_t length);

/* Appends a step of a path: `.name`, without the dot at the start of a path; or `["the name"]` for a
 * name that Lua cannot write behind a dot. */
void pb_show_step(pb_buffer *path, const char *name, size_t length);

#endif
