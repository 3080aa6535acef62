#ifndef PB_JSON_TOKENS_H
#define PB_JSON_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

/* The tokens of a Lua or JSON text that has been compiled before, as far as keys of tables need them. */

typedef enum {
  PB_TOKEN_END,
  PB_TOKEN_NAME, /* keywords, too */
  PB_TOKEN_STRING, /* `start` and `length` are those of the text between the quotes, escapes as they stand */
  PB_TOKEN_NUMBER,
  PB_TOKEN_MARK /* punctuation: `mark`; 0 for one of several characters, such as == */
} pb_token_type;

typedef struct {
  pb_token_type type;
  const char *start;
  size_t length;
  int line;
  char mark;
} pb_token;

typedef struct {
  const char *at, *end;
  int line;
  bool json; /* no comments, no long brackets */
} pb_tokens;

/* Reads the next token. */
void pb_tokens_next(pb_tokens *tokens, pb_token *token);

#endif
