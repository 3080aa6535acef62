#ifndef PB_RECORD_WATCH_H
#define PB_RECORD_WATCH_H

#include "lua/compat.h"
#include "schema/watch.h"

/* The watch in the userdata at `index`; raises when there is none. It lives as long as the userdata does. */
const pb_watch *pb_record_watch_at(lua_State *L, int index);

int pb_record_watch(lua_State *L);

#endif
