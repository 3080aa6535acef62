#ifndef PB_SYSTEM_STILL_AT_H
#define PB_SYSTEM_STILL_AT_H

#include <stdbool.h>

/* Whether the open file is still the one at `path`. Between open(2) and flock(2) another process may replace or
 * delete it, and give its lock up: a lock on such a file excludes nobody. The number of its links does not tell: NFS
 * gives a deleted file that is open another name. */
bool pb_still_at(int descriptor, const char *path);

#endif
