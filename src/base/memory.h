#ifndef PB_BASE_MEMORY_H
#define PB_BASE_MEMORY_H

#include <stddef.h>

/* The core's own allocations: all that is neither Lua's (whose collector owns it) nor libcurl's.
 * They go through one place so that a test can make any one of them fail. */

/* realloc(3): a null `block` allocates; `size` is never 0. Null when there is no memory, and then
 * `block` is as it was. */
void *pb_realloc(void *block, size_t size);

/* free(3). */
void pb_free(void *block);

/* For tests: every later pb_realloc asks `allocate` instead of realloc(3), every pb_free `release`
 * instead of free(3); nulls restore them. */
void pb_memory_hook(void *(*allocate)(void *block, size_t size), void (*release)(void *block));

#endif
