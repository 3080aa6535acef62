#include "json/tokens.h"

#include <string.h>

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* The character `distance` behind the current one; 0 behind the end. */
static char ahead(const pb_tokens *tokens, size_t distance) {
  return (size_t)(tokens->end - tokens->at) > distance ? tokens->at[distance] : 0;
}

static void step(pb_tokens *tokens) {
  if (*tokens->at == '\n') tokens->line++;
  tokens->at++;
}

/* The number of equals signs in a long bracket `[==[` at the current place; -1: there is none. */
static int long_bracket(const pb_tokens *tokens) {
  if (tokens->json || ahead(tokens, 0) != '[') return -1;
  size_t level = 0;
  while (ahead(tokens, 1 + level) == '=') level++;
  return ahead(tokens, 1 + level) == '[' ? (int)level : -1;
}

/* Goes behind the long bracket of this level at the current place. */
static void read_long(pb_tokens *tokens, int level, pb_token *token) {
  tokens->at += level + 2;
  token->start = tokens->at;
  for (; tokens->at < tokens->end; step(tokens)) {
    if (*tokens->at != ']') continue;
    size_t signs = 0;
    while (ahead(tokens, 1 + signs) == '=') signs++;
    if (signs != (size_t)level || ahead(tokens, 1 + signs) != ']') continue;
    token->length = (size_t)(tokens->at - token->start);
    tokens->at += level + 2;
    return;
  }
  token->length = (size_t)(tokens->at - token->start);
}

static void read_quoted(pb_tokens *tokens, pb_token *token) {
  char quote = *tokens->at++;
  token->start = tokens->at;
  while (tokens->at < tokens->end && *tokens->at != quote) {
    if (*tokens->at == '\\' && tokens->at + 1 < tokens->end) tokens->at++;
    step(tokens);
  }
  token->length = (size_t)(tokens->at - token->start);
  if (tokens->at < tokens->end) tokens->at++;
}

static void skip_comment(pb_tokens *tokens) {
  tokens->at += 2;
  int level = long_bracket(tokens);
  pb_token ignored;
  if (level >= 0) {
    read_long(tokens, level, &ignored);
  } else {
    while (tokens->at < tokens->end && *tokens->at != '\n') tokens->at++;
  }
}

static void skip_space(pb_tokens *tokens) {
  while (tokens->at < tokens->end) {
    char c = *tokens->at;
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      step(tokens);
    } else if (!tokens->json && c == '-' && ahead(tokens, 1) == '-') {
      skip_comment(tokens);
    } else {
      return;
    }
  }
}

static void read_number(pb_tokens *tokens) {
  while (tokens->at < tokens->end) {
    char c = *tokens->at;
    if (!is_letter(c) && !is_digit(c) && c != '.') return;
    tokens->at++;
    bool exponent = c == 'e' || c == 'E' || c == 'p' || c == 'P';
    if (exponent && (ahead(tokens, 0) == '-' || ahead(tokens, 0) == '+')) tokens->at++;
  }
}

void pb_tokens_next(pb_tokens *tokens, pb_token *token) {
  skip_space(tokens);
  *token = (pb_token){.type = PB_TOKEN_END, .start = tokens->at, .line = tokens->line};
  if (tokens->at >= tokens->end) return;
  char c = *tokens->at;
  int level = long_bracket(tokens);
  if (level >= 0) {
    token->type = PB_TOKEN_STRING;
    read_long(tokens, level, token);
    return;
  }
  if (c == '"' || (c == '\'' && !tokens->json)) {
    token->type = PB_TOKEN_STRING;
    read_quoted(tokens, token);
    return;
  }
  if (is_letter(c)) {
    token->type = PB_TOKEN_NAME;
    while (tokens->at < tokens->end && (is_letter(*tokens->at) || is_digit(*tokens->at)))
      tokens->at++;
  } else if (is_digit(c) || (c == '.' && is_digit(ahead(tokens, 1)))) {
    token->type = PB_TOKEN_NUMBER;
    read_number(tokens);
  } else {
    token->type = PB_TOKEN_MARK;
    token->mark = c;
    tokens->at++;
    if (ahead(tokens, 0) == '=' && strchr("=~<>", c)) {
      token->mark = 0;
      tokens->at++;
    }
  }
  token->length = (size_t)(tokens->at - token->start);
}
