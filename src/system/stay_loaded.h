#ifndef PB_STAY_LOADED_H
#define PB_STAY_LOADED_H

/* Keeps this shared library, and with it the libraries it needs, in the process for good. Lua unloads a
 * module when its state closes, while a thread of libcurl may still be looking up a name, or another thread
 * be in a signal handler of ours. Where the code is part of the program itself, there is nothing to do. */
void pb_stay_loaded(void);

#endif
