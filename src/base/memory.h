#ifndef PB_BASE_MEMORY_H
#define PB_BASE_MEMORY_H

#include <stddef.h>

/* Allocations of the core itself, apart from those of Lua (owned by its collector) and libcurl. They go
 * through one place so that a test can make any of them fail. */

/* realloc(3): a null `block` allocates; `size` is never 0. Null when there is no memory, and then
 * `block` is as it was. */
void *pb_realloc(void *block, size_t size);

/* free(3). */
void pb_free(void *block);

/* For tests: every later pb_realloc asks `allocate` instead of realloc(3), every pb_free `release`
 * instead of free(3); nulls restore them. */
void pb_memory_hook(void *(*allocate)(void *block, size_t size), void (*release)(void *block));

#endif
