#ifndef PB_MASK_AUTOMATON_H
#define PB_MASK_AUTOMATON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Finds secrets, and long parts of them, in a text: all of them at once, in time linear in the text. It is a
 * suffix automaton of all secrets: after each byte it knows the longest end of the text that occurs in some
 * secret. A secret counts as a whole; of one longer than PB_SECRET_PART bytes two thirds count, too, and
 * PB_SECRET_PART bytes at least. */

enum {
  PB_SECRET_SHORTEST = 4, /* a shorter one is not looked for: it occurs by chance */
  PB_SECRET_PART = 12     /* no word of a language counts as a part of a secret */
};

typedef struct pb_automaton pb_automaton;

/* A place in the automaton: a state, and the length of the match so far. Starts as zeros. */
typedef struct {
  uint32_t state, length;
} pb_match;

/* An automaton for no secret; null: no memory. Free it with pb_automaton_free, which takes null, too. */
pb_automaton *pb_automaton_new(void);
void pb_automaton_free(pb_automaton *automaton);

/* Adds a secret of at least PB_SECRET_SHORTEST bytes. False: no memory, and the automaton is of no use. */
bool pb_automaton_add(pb_automaton *automaton, const char *secret, size_t length);

/* To be called when all are added. False: no memory. */
bool pb_automaton_finish(pb_automaton *automaton);

/* Reads one byte. Returns the number of bytes, this one the last, that are a secret or a part of one that
 * counts; 0: none. */
uint32_t pb_automaton_step(const pb_automaton *automaton, pb_match *match, unsigned char byte);

/* The number of bytes at the end of the bytes read, PB_SECRET_SHORTEST or more, with which a secret begins: the
 * text may have been cut off within it. */
uint32_t pb_automaton_begun(const pb_automaton *automaton, const pb_match *match);

/* As pb_automaton_step for a byte of which only the upper `count` bits are known, the others being 0, if any
 * byte with these would complete a match: Base64 may end within a byte. `match` stays as it is. */
uint32_t pb_automaton_peek(const pb_automaton *automaton, const pb_match *match, unsigned char bits,
                           int count);

#endif
