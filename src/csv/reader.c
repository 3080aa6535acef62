#include "csv/reader.h"

#include <stdint.h>

#include "base/memory.h"
#include "csv/first_line.h"

enum { ROW_START, FIELD_START, PLAIN, QUOTED, QUOTE_SEEN, ROW_DONE };

/* So much of a first line tells whether the file is UTF-16. */
enum { MOST_LOOKED_AT = 256 };

static const char byte_order_mark[] = "\xEF\xBB\xBF";

static bool can_separate(char byte) {
  return byte == ',' || byte == ';' || byte == '\t';
}

static void set_separator(pb_csv_reader *reader, char separator) {
  memset(reader->special, 0, sizeof reader->special);
  reader->special[(unsigned char)separator] = 1;
  reader->special['"'] = reader->special['\r'] = reader->special['\n'] = 1;
  reader->separator = separator;
}

void pb_csv_init(pb_csv_reader *reader, char separator) {
  *reader = (pb_csv_reader){.line = 1, .given = separator != 0, .state = ROW_START};
  pb_buffer_init(&reader->text);
  set_separator(reader, separator ? separator : ',');
}

void pb_csv_free(pb_csv_reader *reader) {
  pb_buffer_free(&reader->text);
  pb_free(reader->fields);
  reader->fields = NULL;
  reader->capacity = 0;
}

bool pb_csv_feed(pb_csv_reader *reader, const char *bytes, size_t length) {
  pb_buffer *text = &reader->text;
  if (reader->at > 0) {
    text->length -= reader->at;
    memmove(text->data, text->data + reader->at, text->length);
    reader->at = 0;
  }
  return pb_buffer_add(text, bytes, length);
}

void pb_csv_finish(pb_csv_reader *reader) {
  reader->complete = true;
}

void pb_csv_stop(pb_csv_reader *reader) {
  reader->failed = PB_CSV_END;
}

static pb_csv_result fail(pb_csv_reader *reader, pb_csv_result error, size_t line) {
  reader->line = line;
  return reader->failed = error;
}

static pb_csv_result need_more(pb_csv_reader *reader) {
  if (reader->text.length - reader->at > PB_CSV_LONGEST_ROW)
    return fail(reader, PB_CSV_TOO_LONG, reader->line);
  return PB_CSV_MORE;
}

/* ---- the beginning of the file ---- */

/* PB_CSV_ROW once the text before the first row has been passed over. */
static pb_csv_result begin(pb_csv_reader *reader) {
  const char *text = reader->text.data;
  size_t length = reader->text.length;
  const char *newline = length > 0 ? memchr(text, '\n', length) : NULL;
  bool whole = newline && newline - text < MOST_LOOKED_AT;
  if (!newline && length < MOST_LOOKED_AT && !reader->complete) return PB_CSV_MORE;
  reader->begun = true;
  if (length == 0) return PB_CSV_ROW;
  if (length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0))
    return fail(reader, PB_CSV_UTF16, 1);
  if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) reader->at = 3;
  size_t line = newline ? (size_t)(newline - text) : length;
  if (pb_csv_is_utf16(text, line < MOST_LOOKED_AT ? line : MOST_LOOKED_AT, whole))
    return fail(reader, PB_CSV_UTF16, 1);
  if (line < reader->at) return PB_CSV_ROW;
  reader->announced = pb_csv_announced(text + reader->at, line - reader->at);
  if (!reader->announced) return PB_CSV_ROW;
  if (!can_separate(reader->announced) || (reader->given && reader->announced != reader->separator))
    return fail(reader, PB_CSV_SEPARATOR, 1);
  set_separator(reader, reader->announced);
  reader->at = newline ? line + 1 : line;
  reader->line = 2;
  return PB_CSV_ROW;
}

/* ---- rows ---- */

static bool grow(pb_csv_reader *reader) {
  size_t capacity = reader->capacity ? reader->capacity * 2 : 16;
  pb_csv_span *fields = pb_realloc(reader->fields, capacity * sizeof *fields);
  if (!fields) return false;
  reader->fields = fields;
  reader->capacity = capacity;
  return true;
}

/* The field between reader->field and `end` is complete. */
static pb_csv_result add_field(pb_csv_reader *reader, size_t start, size_t end, bool doubled) {
  size_t index = reader->count;
  if (reader->most == 0 && index == PB_CSV_MOST_COLUMNS)
    return fail(reader, PB_CSV_TOO_WIDE, reader->line);
  if (reader->most == 0 || index < reader->most) {
    if (index >= reader->capacity && !grow(reader)) return PB_CSV_NO_MEMORY;
    reader->fields[index] =
        (pb_csv_span){.start = start, .length = end - start, .doubled = doubled};
  }
  reader->count++;
  return PB_CSV_ROW;
}

static size_t newlines_in(const char *text, size_t length) {
  size_t count = 0;
  const char *found;
  while (length > 0 && (found = memchr(text, '\n', length)) != NULL) {
    count++;
    length -= (size_t)(found + 1 - text);
    text = found + 1;
  }
  return count;
}

/* Steps over empty lines. PB_CSV_ROW where a row begins. */
static pb_csv_result skip_empty_lines(pb_csv_reader *reader) {
  const char *text = reader->text.data;
  size_t length = reader->text.length;
  for (;;) {
    size_t left = length - reader->at;
    bool line_end = left > 0 && text[reader->at] == '\n';
    bool carriage_return = left > 0 && text[reader->at] == '\r';
    if (left == 0 || (carriage_return && left == 1))
      return reader->complete ? PB_CSV_END : PB_CSV_MORE;
    if (carriage_return && text[reader->at + 1] == '\n') reader->at++;
    else if (!line_end) return PB_CSV_ROW;
    reader->at++;
    reader->line++;
  }
}

/* Ends the field whose text lies between `start` and `end` with the byte at `scanned`, if there is one: a
 * separator or the end of the row. PB_CSV_MORE with nothing changed where a carriage return is the last
 * byte yet. */
static pb_csv_result end_field(pb_csv_reader *reader, size_t start, size_t end, bool doubled) {
  const char *row = reader->text.data + reader->at;
  size_t length = reader->text.length - reader->at, behind = reader->scanned;
  size_t line = reader->line + reader->lines;
  bool done = true;
  if (behind < length) {
    char mark = row[behind++];
    if (mark == reader->separator) {
      done = false;
    } else if (mark == '\r' && behind == length) {
      if (!reader->complete) return need_more(reader);
    } else if (mark == '\r' && row[behind] == '\n') {
      behind++;
      line++;
    } else if (mark == '\n') {
      line++;
    } else if (mark == '\r') {
      return fail(reader, PB_CSV_LONE_CR, line);
    } else {
      return fail(reader, start > reader->field ? PB_CSV_BEHIND_QUOTE : PB_CSV_QUOTE_INSIDE, line);
    }
  }
  pb_csv_result result = add_field(reader, start, end, doubled);
  if (result != PB_CSV_ROW) return result;
  reader->scanned = reader->field = behind;
  reader->lines = line - reader->line;
  reader->state = done ? ROW_DONE : FIELD_START;
  return PB_CSV_ROW;
}

/* A step with the field in quotes whose end is being looked for. */
static pb_csv_result scan_quoted(pb_csv_reader *reader) {
  const char *row = reader->text.data + reader->at;
  size_t length = reader->text.length - reader->at;
  const char *quote = length > reader->scanned
                          ? memchr(row + reader->scanned, '"', length - reader->scanned)
                          : NULL;
  size_t stop = quote ? (size_t)(quote - row) : length;
  reader->lines += newlines_in(row + reader->scanned, stop - reader->scanned);
  reader->scanned = quote ? stop + 1 : stop;
  if (quote) {
    reader->state = QUOTE_SEEN;
    return PB_CSV_ROW;
  }
  return reader->complete ? fail(reader, PB_CSV_NOT_CLOSED, reader->quote_line) : need_more(reader);
}

/* A step with a field behind a quote in it: the first of two, or the closing one. */
static pb_csv_result after_quote(pb_csv_reader *reader) {
  size_t length = reader->text.length - reader->at;
  if (reader->scanned == length && !reader->complete) return need_more(reader);
  if (reader->scanned < length && reader->text.data[reader->at + reader->scanned] == '"') {
    reader->doubled = true;
    reader->scanned++;
    reader->state = QUOTED;
    return PB_CSV_ROW;
  }
  return end_field(reader, reader->field + 1, reader->scanned - 1, reader->doubled);
}

/* The plain field has no special byte before `at`, counted from the row's first byte. */
static pb_csv_result plain_until(pb_csv_reader *reader, size_t at) {
  reader->scanned = at;
  if (at == reader->text.length - reader->at && !reader->complete) return need_more(reader);
  return end_field(reader, reader->field, at, false);
}

#define EVERY_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Whether any of eight bytes may be the separator, a quote or a line end. Most text has none: it is passed
 * over a word at a time. Every control character, a space and "!" count too, and some bytes behind one that
 * counts. */
static inline bool may_be_special(const char *bytes, uint64_t separators) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  uint64_t other = word ^ separators;
  return (((word - EVERY_BYTE('"' + 1)) & ~word) | ((other - EVERY_BYTE(1)) & ~other)) &
         EVERY_BYTE(0x80);
}

static pb_csv_result scan_plain(pb_csv_reader *reader) {
  const char *row = reader->text.data + reader->at, *at = row + reader->scanned;
  const char *end = reader->text.data + reader->text.length;
  const uint64_t separators = EVERY_BYTE((unsigned char)reader->separator);
  while (end - at >= 8 && !may_be_special(at, separators)) at += 8;
  while (at < end && !reader->special[(unsigned char)*at]) at++;
  return plain_until(reader, (size_t)(at - row));
}
static pb_csv_result start_field(pb_csv_reader *reader) {
  size_t length = reader->text.length - reader->at;
  if (reader->scanned == length && !reader->complete) return need_more(reader);
  reader->state = PLAIN;
  if (reader->scanned < length && reader->text.data[reader->at + reader->scanned] == '"') {
    reader->quote_line = reader->line + reader->lines;
    reader->doubled = false;
    reader->scanned++;
    reader->state = QUOTED;
  }
  return PB_CSV_ROW;
}

static pb_csv_result step(pb_csv_reader *reader) {
  switch (reader->state) {
  case FIELD_START:
    return start_field(reader);
  case PLAIN:
    return scan_plain(reader);
  case QUOTED:
    return scan_quoted(reader);
  default:
    return after_quote(reader);
  }
}

pb_csv_result pb_csv_next(pb_csv_reader *reader) {
  if (reader->failed != PB_CSV_ROW) return reader->failed;
  pb_csv_result result = reader->begun ? PB_CSV_ROW : begin(reader);
  if (result != PB_CSV_ROW) return result;
  if (reader->state == ROW_DONE) {
    reader->at += reader->scanned;
    reader->line += reader->lines;
    reader->state = ROW_START;
  }
  if (reader->state == ROW_START) {
    result = skip_empty_lines(reader);
    if (result != PB_CSV_ROW) return result;
    reader->scanned = reader->field = reader->lines = reader->count = 0;
    reader->state = FIELD_START;
  }
  while (result == PB_CSV_ROW && reader->state != ROW_DONE) result = step(reader);
  return result;
}

const char *pb_csv_field(pb_csv_reader *reader, size_t index, size_t *length) {
  pb_csv_span *span = &reader->fields[index];
  char *text = reader->text.data + reader->at + span->start;
  if (span->doubled) {
    size_t to = 0;
    for (size_t from = 0; from < span->length; from++) {
      if (text[from] == '"') from++;
      text[to++] = text[from];
    }
    span->length = to;
    span->doubled = false;
  }
  *length = span->length;
  return text;
}

const char *pb_csv_message(pb_csv_result result) {
  switch (result) {
  case PB_CSV_UTF16:
    return "this is UTF-16; save it as UTF-8";
  case PB_CSV_TOO_LONG:
    return "the row that begins here is longer than 16 MB; is a quote opened and never closed?";
  case PB_CSV_TOO_WIDE:
    return "the row that begins here has more than 16384 columns";
  case PB_CSV_NOT_CLOSED:
    return "a quote is opened here and never closed";
  case PB_CSV_LONE_CR:
    return "a carriage return without a line feed; lines end with LF or CR LF, "
           "and a field that holds one needs quotes";
  case PB_CSV_BEHIND_QUOTE:
    return "text behind a closing quote; a quote inside a field in quotes is written \"\"";
  case PB_CSV_QUOTE_INSIDE:
    return "a quote in the middle of a field; the field needs quotes around it, "
           "and the quote is written \"\"";
  default:
    return "it cannot be read";
  }
}
