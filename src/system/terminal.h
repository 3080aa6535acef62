#ifndef PB_TERMINAL_H
#define PB_TERMINAL_H

#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

/* Columns that text takes on a terminal, and lines that a person types there. */

/* A locale whose characters are Unicode's, whatever the process has set; (locale_t)0 where the system has none, or
 * no memory. Free it with freelocale. */
locale_t pb_terminal_locale(void);

typedef struct {
  size_t length;      /* bytes that fit */
  size_t columns;     /* that they take */
  bool right_to_left; /* whether a character among them is written from right to left */
} pb_terminal_fit;

/* How much of `text`, well-formed UTF-8 without control characters, fits into `most` columns. A character that
 * combines with the one before it stays with that. `locale`: pb_terminal_locale's; 0 takes each character for one
 * column. */
pb_terminal_fit pb_terminal_measure(locale_t locale, const char *text, size_t length, size_t most);

/* The result of pb_terminal_ask. */
typedef enum { PB_LINE_READ, PB_LINE_END, PB_LINE_SIGNAL, PB_LINE_FAILED } pb_line_result;

/* Writes a question of `size` bytes to standard error, and reads a line of standard input into `line`, without its
 * end: at most `room` bytes, the rest is dropped. `*length`: the bytes there. PB_LINE_END: nothing came before the end
 * of input. PB_LINE_SIGNAL: SIGINT or SIGTERM arrived since the question; `*detail` is its number. PB_LINE_FAILED:
 * `*detail` is errno. `hidden`: a terminal does not show the line as it is typed. */
pb_line_result pb_terminal_ask(const char *question, size_t size, bool hidden, char *line,
                               size_t room, size_t *length, int *detail);

#endif
