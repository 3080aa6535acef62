/* A program with a Lua state of its own that closes it and goes on:  closing_host script.lua [threads]
 *
 * Its handler of SIGINT counts signals. After closing the state it releases the look-ups of lookups.c, if the
 * script has begun one, waits for their end, raises a signal, and prints how often its handler ran. With
 * "threads" the script runs in two threads at once. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *script;
static volatile sig_atomic_t signals;

static void count(int number) {
  (void)number;
  signals = signals + 1;
}

static void *run(void *unused) {
  (void)unused;
  lua_State *L = luaL_newstate();
  if (!L) return NULL;
  luaL_openlibs(L);
  if (luaL_loadfile(L, script) != 0 || lua_pcall(L, 0, 0, 0) != 0)
    printf("error: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return NULL;
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = count};
  pthread_t threads[2];
  if (argc < 2) return 2;
  script = argv[1];
  setvbuf(stdout, NULL, _IONBF, 0);
  sigaction(SIGINT, &action, NULL);
  if (argc == 2) {
    run(NULL);
  } else {
    for (int i = 0; i < 2; i++)
      if (pthread_create(&threads[i], NULL, run, NULL) != 0) return 2;
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  }
  printf("closed\n");
  if (access("asked", F_OK) == 0 && access("answered", F_OK) != 0) {
    FILE *file = fopen("let-go", "w");
    if (file) fclose(file);
    const struct timespec pause = {.tv_nsec = 10000000};
    for (int i = 0; i < 3000 && access("answered", F_OK) != 0; i++) nanosleep(&pause, NULL);
    /* After the look-up, that thread runs libcurl's code. */
    for (int i = 0; i < 20; i++) nanosleep(&pause, NULL);
  }
  raise(SIGINT);
  printf("the host's handler had %d of 1\n", (int)signals);
  return 0;
}
