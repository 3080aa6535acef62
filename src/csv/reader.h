#ifndef PB_CSV_READER_H
#define PB_CSV_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* Splits CSV as RFC 4180 describes it, from text that arrives in pieces of any size:
 *
 *   pb_csv_reader reader;
 *   pb_csv_init(&reader, 0);
 *   do result = pb_csv_next(&reader);
 *   while (result == PB_CSV_MORE && feed_or_finish(&reader));
 *
 * Memory is bounded by the longest row, and a row that arrives in many pieces is scanned once. */

/* A quote that is never closed takes the rest of the file into one field. The limit ends the search before
 * memory runs out; no row of telephone numbers or routes comes near it. */
enum { PB_CSV_LONGEST_ROW = 16 * 1024 * 1024 };

/* The columns of the widest spreadsheets. */
enum { PB_CSV_MOST_COLUMNS = 16384 };

typedef enum {
  PB_CSV_ROW,
  PB_CSV_MORE, /* the row is not complete: feed more text, or say that there is none */
  PB_CSV_END,
  PB_CSV_NO_MEMORY,
  /* The file is wrong; pb_csv_message() says how, and every later call says the same. */
  PB_CSV_UTF16,
  PB_CSV_SEPARATOR, /* a `sep=` line names another separator than the caller, or an unknown one */
  PB_CSV_TOO_LONG,
  PB_CSV_TOO_WIDE,
  PB_CSV_NOT_CLOSED,
  PB_CSV_LONE_CR,
  PB_CSV_BEHIND_QUOTE,
  PB_CSV_QUOTE_INSIDE,
} pb_csv_result;

/* Text within a row. */
typedef struct {
  size_t start; /* counted from the first byte of the row */
  size_t length;
  bool doubled; /* holds doubled quotes, which pb_csv_field() makes single */
} pb_csv_span;

typedef struct {
  char separator; /* the caller's, or that of a `sep=` line; else "," */
  char announced; /* the separator of a `sep=` line, or 0 */
  size_t line;    /* where the row begins; of an error, the line that it is about. From 1 */
  size_t count;   /* fields of the row, also of those that are not kept */
  size_t most;    /* the number of fields of a row to keep; 0: all, and too many are an error */
  /* The rest is internal. */
  pb_csv_span *fields;
  size_t capacity;
  pb_buffer text;
  size_t at;         /* the row's first byte within `text` */
  size_t scanned;    /* bytes of the row that have been looked at */
  size_t field;      /* where the current field begins, counted from the row's first byte */
  size_t lines;      /* line ends within the row */
  size_t quote_line; /* the line in which the current field opens its quote */
  unsigned char state;
  bool doubled, given, begun, complete;
  pb_csv_result failed; /* the result of every later call; PB_CSV_ROW: none has failed */
  unsigned char special[256];
} pb_csv_reader;

/* `separator`: ",", ";", a tab; or 0, and then a `sep=` line may choose one of these. */
void pb_csv_init(pb_csv_reader *reader, char separator);
void pb_csv_free(pb_csv_reader *reader);

/* Adds text behind the unread text; false when there is no memory. Results of pb_csv_field() become invalid. */
bool pb_csv_feed(pb_csv_reader *reader, const char *bytes, size_t length);
/* There is no more text. */
void pb_csv_finish(pb_csv_reader *reader);
/* No more rows are wanted: pb_csv_next() gives PB_CSV_END from now on. */
void pb_csv_stop(pb_csv_reader *reader);

/* Goes to the next row that is not an empty line. */
pb_csv_result pb_csv_next(pb_csv_reader *reader);

/* Field `index` (from 0) of the current row; valid until the next call that changes the reader. */
const char *pb_csv_field(pb_csv_reader *reader, size_t index, size_t *length);

/* The sentence for an error, without file and line. */
const char *pb_csv_message(pb_csv_result result);

#endif
