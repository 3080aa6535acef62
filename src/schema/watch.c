#include "schema/watch.h"

#include <stddef.h>
#include <string.h>

#include "base/ascii.h"
#include "json/scan.h"

/* Responses to larger payloads get the closer look. */
enum { MOST_SENT = 24, MOST_FIELDS = PB_WATCH_FIELDS };

typedef struct {
  const pb_watch *watch;
  const pb_text *key;
  pb_watched *found;
  int last;            /* position of the field that came last; 0: none yet */
  pb_json_name likely; /* of the field that came behind it last time */
  bool record;         /* a field of the record has come, with a value */
  bool own;            /* the key or a field that was sent has come */
  bool code;           /* the envelope's code is one of success */
  bool data;           /* the envelope's content has come */
  bool message;        /* the envelope's message has come */
  bool other;          /* another member has come that is kept with the record */
  bool nested;         /* an object or a list has come that no description knows */
  bool complete;
  uint8_t sent_at[MOST_FIELDS]; /* position - 1 -> which of `sent`, from 1; 0: not sent */
  pb_text sent[MOST_SENT];
} lookout;

static bool is_text(const char *bytes, size_t length, const pb_text *text) {
  return text->length == length && memcmp(bytes, text->bytes, length) == 0;
}

/* Whether the name stands in JSON as it is. */
static bool is_plain(const pb_text *name) {
  for (size_t i = 0; i < name->length; i++)
    if (!pb_json_plain((unsigned char)name->bytes[i])) return false;
  return true;
}

static bool is_also(const pb_property *property, const char *name, size_t length) {
  for (size_t i = 0; i < property->also_count; i++)
    if (is_text(name, length, &property->also[i])) return true;
  return false;
}

static int field_anywhere(const pb_schema *schema, const char *name, size_t length) {
  int count = (int)schema->property_count;
  for (int i = 0; i < count; i++)
    if (is_text(name, length, &schema->properties[i].name)) return i + 1;
  for (int i = 0; schema->aliased && i < count; i++)
    if (is_also(&schema->properties[i], name, length)) return i + 1;
  return 0;
}

/* The position of the field that responses call `name`; 0: none. `*last` is that of the field before, and of this
 * one behind it. */
static inline int field_named(const pb_schema *schema, pb_watch_order *order, int *last,
                              const char *name, size_t length) {
  int likely = (*order)[*last];
  if (likely) {
    const pb_property *property = &schema->properties[likely - 1];
    if (is_text(name, length, &property->name) ||
        (property->also_count && is_also(property, name, length)))
      return *last = likely;
  }
  int found = field_anywhere(schema, name, length);
  if (!found) return 0;
  if (is_plain(&schema->properties[found - 1].name)) (*order)[*last] = (uint8_t)found;
  return *last = found;
}

/* Notes the name that is likely to come next. */
static inline void look_ahead(lookout *l) {
  int likely = (*l->watch->order)[l->last];
  if (likely == 0) {
    l->likely.bytes = NULL;
    return;
  }
  const pb_text *name = &l->watch->schema->properties[likely - 1].name;
  l->likely = (pb_json_name){name->bytes, name->length};
}

/* Behind the value at `at` in a payload of ours, which has no white space. */
static const char *skip_sent(const char *at, const char *end) {
  size_t depth = 0;
  for (; at < end; at++) {
    bool escaped;
    if (*at == '"') at = pb_json_closing_quote(at + 1, end, &escaped);
    else if (*at == '[' || *at == '{') depth++;
    else if (*at == ']' || *at == '}') {
      if (depth == 0) return at;
      depth--;
    } else if (*at == ',' && depth == 0) return at;
  }
  return at;
}

/* Notes the values of the payload by their fields; false: they are too many, or not all described. */
static bool note_sent(lookout *l, const pb_text *sent) {
  const pb_schema *schema = l->watch->schema;
  const char *at = sent->bytes, *end = sent->bytes + sent->length;
  int last = 0, count = 0;
  if (schema->property_count > MOST_FIELDS || sent->length < 2 || *at++ != '{') return false;
  while (at < end && *at == '"') {
    bool escaped;
    const char *name = at + 1, *name_end = pb_json_closing_quote(name, end, &escaped);
    int position =
        escaped ? 0
                : field_named(schema, l->watch->sent_order, &last, name, (size_t)(name_end - name));
    const char *value = name_end + 2;
    at = skip_sent(value, end);
    if (position == 0 || count == MOST_SENT) return false;
    if (position != l->watch->key) {
      l->sent[count++] = (pb_text){.bytes = value, .length = (size_t)(at - value)};
      l->sent_at[position - 1] = (uint8_t)count;
    }
    if (*at == ',') at++;
  }
  return at + 1 == end && *at == '}';
}

static bool is_word(const char *value, size_t length, const char *word) {
  return strlen(word) == length && memcmp(value, word, length) == 0;
}

static bool is_null(const char *value, size_t length) {
  return is_word(value, length, "null");
}

/* null, "", [] and {}: they report nothing. */
static bool is_empty(const char *value, size_t length) {
  return is_null(value, length) ||
         (length == 2 && (*value == '"' || *value == '[' || *value == '{'));
}

static bool is_code_of_success(const char *value, size_t length) {
  return length == 3 && *value == '2' && value[1] >= '0' && value[1] <= '9' && value[2] >= '0' &&
         value[2] <= '9';
}

/* The inside of a string without escapes; else nothing. */
static pb_text inside(const char *value, size_t length) {
  if (length < 2 || *value != '"' || memchr(value, '\\', length)) return (pb_text){.bytes = NULL};
  return (pb_text){.bytes = value + 1, .length = length - 2};
}

/* Whether a member that no description knows may report a failure. Those of lua/patchbay/exchange/verdict.lua
 * all may; so may others, which costs a closer look. */
__attribute__((noinline)) static bool may_report_failure(const char *name, size_t name_length,
                                                         const char *value, size_t length) {
  enum { LONGEST = 32 };
  static const char *const names[] = {
      "status",     "result",       "outcome", "code",   "statuscode", "httpcode",
      "err",        "errs",         "errno",   "errmsg", "errcode",    "httpstatuscode",
      "httpstatus", "responsecode", "ok",      "isok",   "modelstate", "response"};
  static const char *const goods[] = {"success", "succeed", "issuccess"}; /* starts of names */
  static const char *const parts[] = {"error", "fail", "fault", "exception"};
  if (memchr(name, '\\', name_length)) return true; /* any name, also that of a field */
  if (is_empty(value, length)) return false;
  char plain[LONGEST + 1];
  size_t count = 0;
  for (size_t i = 0; i < name_length && count < LONGEST; i++)
    if (name[i] != '_' && name[i] != '-' && name[i] != ' ')
      plain[count++] = pb_ascii_lower(name[i]);
  plain[count] = '\0';
  for (size_t i = 0; i < sizeof goods / sizeof *goods; i++)
    if (strncmp(plain, goods[i], strlen(goods[i])) == 0) return !is_word(value, length, "true");
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (strstr(plain, parts[i])) return !is_word(value, length, "false");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(plain, names[i]) == 0) return !is_code_of_success(value, length);
  return false;
}

static void see_field(lookout *l, int position, const char *value, size_t length) {
  const pb_watch *watch = l->watch;
  const pb_schema *schema = watch->schema->properties[position - 1].schema;
  if (is_null(value, length) || schema->echo == PB_ECHO_EMPTY) {
    l->other = true; /* says nothing of the record: that echo may be empty */
  } else {
    l->record = true;
    if (position != watch->key) l->found->shows = true;
  }
  if (position == watch->key) {
    l->own = true;
    if (!is_text(value, length, l->key)) l->found->plain = false;
    return;
  }
  if (position == watch->status) {
    l->complete = false; /* of the same member given twice, the last counts */
    for (size_t i = 0; i < watch->complete_count && !l->complete; i++) {
      const pb_text *word = &watch->complete[i];
      if (word->length + 2 != length || *value != '"') continue;
      l->complete = pb_ascii_same(value + 1, word->bytes, word->length);
    }
    if (!l->complete) l->found->plain = false;
  }
  int sent = l->sent_at[position - 1];
  if (sent) l->own = true;
  if (!sent || schema->echo == PB_ECHO_OTHER || schema->reliability == PB_UNRELIABLE) return;
  if (schema->echo == PB_ECHO_EMPTY && is_empty(value, length)) return;
  if (!is_text(value, length, &l->sent[sent - 1])) l->found->plain = false;
}

static void see_member(void *state, bool inner, const char *name, size_t name_length,
                       const char *value, size_t length) {
  lookout *l = state;
  const pb_watch *watch = l->watch;
  if (!l->found->plain) return; /* also where there are more than MOST_FIELDS */
  if (watch->data.length > 0 && !inner) {
    /* The envelope. What lies beside its members is none of it. */
    if (name_length == 0) {
      l->found->plain = false; /* a member that the envelope lacks has no name either */
    } else if (is_text(name, name_length, &watch->code)) {
      if (is_code_of_success(value, length)) l->code = true;
      else l->found->plain = false;
    } else if (is_text(name, name_length, &watch->request_id)) {
      l->found->request_id = inside(value, length);
      if (!l->found->request_id.bytes) l->found->plain = false;
    } else if (is_text(name, name_length, &watch->timestamp)) {
      l->found->timestamp = inside(value, length);
      if (!l->found->timestamp.bytes) l->found->plain = false;
    } else if (is_text(name, name_length, &watch->message)) {
      pb_text message = inside(value, length);
      /* One in the data counts more, and of two beside it the last. */
      if (!message.bytes || l->message) l->found->plain = false;
      if (!l->found->message.bytes) l->found->message = message;
      l->message = true;
    } else {
      if (!is_text(name, name_length, &watch->data) || *value != '{' || l->data)
        l->found->plain = false;
      l->data = true;
    }
    return;
  }
  int position;
  if (name == l->likely.bytes) position = l->last = (*watch->order)[l->last];
  else position = field_named(watch->schema, watch->order, &l->last, name, name_length);
  if (position) {
    look_ahead(l);
    see_field(l, position, value, length);
  } else if (inner && name_length > 0 && is_text(name, name_length, &watch->message)) {
    l->found->message = inside(value, length);
    if (!l->found->message.bytes) l->found->plain = false;
  } else if (may_report_failure(name, name_length, value, length) ||
             (inner && (*value == '{' || *value == '['))) {
    /* The only object in an envelope's data may be the record, and a list may report failures. */
    l->found->plain = false;
  } else if (!is_null(value, length)) {
    l->other = true;
    if (!is_empty(value, length) && (*value == '{' || *value == '[')) l->nested = true;
  }
}

static bool is_data(void *state, const char *name, size_t name_length) {
  lookout *l = state;
  if (l->watch->data.length == 0 || !is_text(name, name_length, &l->watch->data)) return false;
  look_ahead(l);
  return true;
}

bool pb_watch_response(const pb_watch *watch, const char *text, size_t length, const pb_text *sent,
                       const pb_text *key, pb_watched *found, pb_json_error *error) {
  lookout l; /* no initializer: it would clear all that may be sent */
  memset(&l, 0, offsetof(lookout, sent));
  l.watch = watch;
  l.key = key;
  l.found = found;
  *found = (pb_watched){.plain = true};
  if (!note_sent(&l, sent)) found->plain = false;
  if (watch->data.length == 0 && found->plain) look_ahead(&l);
  const pb_json_watch members = {
      .state = &l, .enters = is_data, .likely = &l.likely, .member = see_member};
  if (!pb_json_check_watching(text, length, &members, error)) return false;
  if (watch->code.length > 0 ? !l.code : !l.record) found->plain = false;
  if (watch->status && !l.complete) found->plain = false;
  /* A field alone that is neither may be the status of an error body. */
  if (l.record && !l.own) found->plain = false;
  /* Where no field is shown, an object that no description knows may report a failure. */
  if (!found->shows && l.nested) found->plain = false;
  if (l.other && l.record) found->shows = true;
  return true;
}
