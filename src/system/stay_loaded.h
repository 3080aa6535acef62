#ifndef PB_STAY_LOADED_H
#define PB_STAY_LOADED_H

/* Keeps this shared library, and the libraries that it needs, in the process for good. Lua unloads a
 * module when its state closes, while a thread of libcurl may still be looking up a name, or another
 * thread be in a signal handler of ours. Does nothing where the code is part of the program itself. */
void pb_stay_loaded(void);

#endif
