#ifndef PB_BASE_SHOW_H
#define PB_BASE_SHOW_H

#include "base/buffer.h"

/* Formats values for error messages. Text of a script or a vendor never reaches a terminal or a log raw:
 * control characters and bytes that are not UTF-8 come out as escapes. */

/* How much of a wrong value an error shows: enough to recognise it, not enough to flood a terminal. */
enum { PB_SHOWN_BYTES = 60 };

/* Appends `"text"`, shortened; as a whole or, where there is no room, not at all: no error shows a literal that
 * ends too early. */
void pb_show_text(pb_buffer *out, const char *text, size_t length);

typedef struct {
  size_t
      most; /* bytes of the text; a longer one is cut between two characters, and says its length */
  bool quoted; /* in quotation marks, with those inside it escaped */
  bool ascii;  /* with all other characters as escapes, too */
} pb_visible;

/* Appends `text` as a person may read it: control characters, characters that cannot be seen, marks of the direction of
 * writing and bytes that are not UTF-8 as escapes. The appended text is well-formed UTF-8 on one line. */
void pb_show_visible(pb_buffer *out, const char *text, size_t length, pb_visible how);

/* Appends a step of a path: `.name`, or `name` at the start of the path; `["the name"]` if Lua cannot
 * write the name after a dot. */
void pb_show_step(pb_buffer *path, const char *name, size_t length);

/* Appends `[position]`, a step into a list. */
void pb_show_position(pb_buffer *path, size_t position);

#endif
