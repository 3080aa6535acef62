#include "mask/automaton.h"

#include <string.h>

#include "base/memory.h"

/* The transitions of a state form a list, as most states have one. Those of the root, which nearly every byte
 * of a text comes by, are a table. */
typedef struct {
  uint32_t to, next; /* next: of the same state; 0: none */
  unsigned char byte;
} edge;

typedef struct {
  uint32_t link; /* the state of the longest end of this one's text that occurs elsewhere as well */
  uint32_t length; /* of the longest text that leads here */
  uint32_t edges;  /* the first; 0: none */
  uint32_t least;  /* bytes from which on a match here counts */
  uint32_t below;  /* the longest match that counts among the ends of this one; 0: none */
  uint32_t prefix; /* the length, if a secret begins with the longest text; else 0 */
} state;

struct pb_automaton {
  state *states; /* the first is the root */
  edge *edges;   /* from 1 on */
  size_t state_count, state_room, edge_count, edge_room;
  uint32_t root[256];
};

enum { NO_STATE = -1 };
#define NO_MEMORY ((uint32_t)NO_STATE)

static bool grow(void **list, size_t *room, size_t count, size_t size) {
  if (count < *room) return true;
  size_t more = *room ? 2 * *room : 64;
  if (more > UINT32_MAX / 2) return false;
  void *block = pb_realloc(*list, more * size);
  if (!block) return false;
  *list = block;
  *room = more;
  return true;
}

static uint32_t new_state(pb_automaton *a, uint32_t length) {
  void *states = a->states;
  bool grown = grow(&states, &a->state_room, a->state_count, sizeof *a->states);
  a->states = states;
  if (!grown) return NO_MEMORY;
  a->states[a->state_count] = (state){.length = length, .least = UINT32_MAX};
  return (uint32_t)a->state_count++;
}

static edge *find_edge(const pb_automaton *a, uint32_t from, unsigned char byte) {
  for (uint32_t i = a->states[from].edges; i; i = a->edges[i].next)
    if (a->edges[i].byte == byte) return &a->edges[i];
  return NULL;
}

/* The state that `byte` leads to from `from`; 0, the root, which nothing leads to: none. */
static inline uint32_t target(const pb_automaton *a, uint32_t from, unsigned char byte) {
  if (from == 0) return a->root[byte];
  const edge *found = find_edge(a, from, byte);
  return found ? found->to : 0;
}

static bool set_target(pb_automaton *a, uint32_t from, unsigned char byte, uint32_t to) {
  edge *found = from == 0 ? NULL : find_edge(a, from, byte);
  if (from == 0) a->root[byte] = to;
  else if (found) found->to = to;
  if (from == 0 || found) return true;
  void *edges = a->edges;
  bool grown = grow(&edges, &a->edge_room, a->edge_count + 1, sizeof *a->edges);
  a->edges = edges;
  if (!grown) return false;
  uint32_t index = (uint32_t)++a->edge_count;
  a->edges[index] = (edge){.to = to, .next = a->states[from].edges, .byte = byte};
  a->states[from].edges = index;
  return true;
}

pb_automaton *pb_automaton_new(void) {
  pb_automaton *a = pb_realloc(NULL, sizeof *a);
  if (!a) return NULL;
  memset(a, 0, sizeof *a);
  if (new_state(a, 0) == 0) return a;
  pb_automaton_free(a);
  return NULL;
}

void pb_automaton_free(pb_automaton *a) {
  if (!a) return;
  if (a->states) pb_free(a->states);
  if (a->edges) pb_free(a->edges);
  pb_free(a);
}

/* A state for the texts of `of` up to `length`, with the same transitions. */
static uint32_t clone(pb_automaton *a, uint32_t of, uint32_t length) {
  uint32_t copy = new_state(a, length);
  if (copy == NO_MEMORY) return NO_MEMORY;
  a->states[copy].link = a->states[of].link;
  for (uint32_t i = a->states[of].edges; i; i = a->edges[i].next)
    if (!set_target(a, copy, a->edges[i].byte, a->edges[i].to)) return NO_MEMORY;
  a->states[of].link = copy;
  return copy;
}

/* Leads `byte` to `to` from `*from` and from those of its ends from which it led to `old` (0: nowhere). `*from`
 * becomes the first from which it does not; `*all`: there is none. */
static bool redirect(pb_automaton *a, uint32_t *from, unsigned char byte, uint32_t old, uint32_t to,
                     bool *all) {
  for (*all = false; target(a, *from, byte) == old; *from = a->states[*from].link) {
    if (!set_target(a, *from, byte, to)) return false;
    *all = *from == 0;
    if (*all) return true;
  }
  return true;
}

/* The state of the text of `last` and `byte` behind it. The states of other secrets are shared. */
static uint32_t extend(pb_automaton *a, uint32_t last, unsigned char byte) {
  uint32_t length = a->states[last].length + 1, next = target(a, last, byte), from = last;
  bool all;
  if (next) {
    if (a->states[next].length == length) return next;
    uint32_t copy = clone(a, next, length);
    return copy != NO_MEMORY && redirect(a, &from, byte, next, copy, &all) ? copy : NO_MEMORY;
  }
  uint32_t added = new_state(a, length);
  if (added == NO_MEMORY || !redirect(a, &from, byte, 0, added, &all)) return NO_MEMORY;
  if (all) return added; /* its link is the root */
  uint32_t other = target(a, from, byte), shorter = a->states[from].length + 1;
  if (a->states[other].length != shorter) {
    uint32_t copy = clone(a, other, shorter);
    if (copy == NO_MEMORY || !redirect(a, &from, byte, other, copy, &all)) return NO_MEMORY;
    other = copy;
  }
  a->states[added].link = other;
  return added;
}

bool pb_automaton_add(pb_automaton *a, const char *secret, size_t length) {
  if (length >= UINT32_MAX / 8) return false;
  uint32_t least = (uint32_t)((2 * length + 2) / 3);
  if (least < PB_SECRET_PART) least = PB_SECRET_PART;
  if (least > length) least = (uint32_t)length;
  uint32_t last = 0;
  for (size_t i = 0; i < length; i++) {
    last = extend(a, last, (unsigned char)secret[i]);
    if (last == NO_MEMORY) return false;
    state *here = &a->states[last];
    here->prefix = (uint32_t)i + 1;
    if (least < here->least) here->least = least;
  }
  return true;
}

/* The states by length, shortest first, in a block of their own; null: no memory. */
static uint32_t *by_length(const pb_automaton *a) {
  uint32_t longest = 0;
  for (size_t i = 0; i < a->state_count; i++)
    if (a->states[i].length > longest) longest = a->states[i].length;
  size_t counts = (size_t)longest + 2;
  uint32_t *block = pb_realloc(NULL, (a->state_count + counts) * sizeof *block);
  if (!block) return NULL;
  uint32_t *starts = block + a->state_count;
  memset(starts, 0, counts * sizeof *starts);
  for (size_t i = 0; i < a->state_count; i++) starts[a->states[i].length + 1]++;
  for (size_t i = 1; i < counts; i++) starts[i] += starts[i - 1];
  for (size_t i = 0; i < a->state_count; i++) block[starts[a->states[i].length]++] = (uint32_t)i;
  return block;
}

bool pb_automaton_finish(pb_automaton *a) {
  uint32_t *order = by_length(a);
  if (!order) return false;
  /* The ends of a text occur wherever it does. */
  for (size_t i = a->state_count; i-- > 1;) {
    const state *here = &a->states[order[i]];
    state *end = &a->states[here->link];
    if (here->least < end->least) end->least = here->least;
  }
  for (size_t i = 1; i < a->state_count; i++) {
    state *here = &a->states[order[i]];
    const state *end = &a->states[here->link];
    here->below = end->length > 0 && end->length >= end->least ? end->length : end->below;
  }
  pb_free(order);
  return true;
}

uint32_t pb_automaton_step(const pb_automaton *a, pb_match *match, unsigned char byte) {
  uint32_t next;
  while (!(next = target(a, match->state, byte))) {
    if (match->state == 0) {
      match->length = 0;
      return 0;
    }
    match->state = a->states[match->state].link;
    match->length = a->states[match->state].length;
  }
  match->state = next;
  match->length++;
  const state *here = &a->states[next];
  return match->length >= here->least ? match->length : here->below;
}

uint32_t pb_automaton_begun(const pb_automaton *a, const pb_match *match) {
  uint32_t at = match->state, length = match->length;
  while (at) {
    const state *here = &a->states[at];
    if (here->prefix && length == here->length) return length >= PB_SECRET_SHORTEST ? length : 0;
    at = here->link;
    length = a->states[at].length;
  }
  return 0;
}

uint32_t pb_automaton_peek(const pb_automaton *a, const pb_match *match, unsigned char bits,
                           int count) {
  unsigned mask = 0xFFu << (8 - count) & 0xFFu;
  uint32_t at = match->state, length = match->length;
  while (at && length + 1 >= PB_SECRET_SHORTEST) {
    for (uint32_t i = a->states[at].edges; i; i = a->edges[i].next) {
      if ((a->edges[i].byte & mask) != bits) continue;
      if (length + 1 >= a->states[a->edges[i].to].least) return length + 1;
    }
    at = a->states[at].link;
    length = a->states[at].length;
  }
  return 0;
}
