/* The main program of a harness without libFuzzer: runs it once on each given file, and on each file in the
 * given folders, and prints their number. */

#include <dirent.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned long inputs;

static void run(const char *path) {
  FILE *file = fopen(path, "rb");
  char *bytes = NULL;
  size_t size = 0, room = 0;
  for (;;) {
    if (size == room) {
      room = room ? room * 2 : 4096;
      bytes = realloc(bytes, room);
    }
    if (!file || !bytes || ferror(file)) {
      perror(path);
      exit(EXIT_FAILURE);
    }
    size_t got = fread(bytes + size, 1, room - size, file);
    if (got == 0) break;
    size += got;
  }
  fclose(file);
  char *input = fuzz_copy(bytes, size);
  free(bytes);
  fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
  LLVMFuzzerTestOneInput((const uint8_t *)input, size);
  free(input);
  inputs++;
}

static int is_shown(const struct dirent *entry) {
  return entry->d_name[0] != '.';
}

static void run_all(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
    run(path);
    return;
  }
  struct dirent **entries;
  int count = scandir(path, &entries, is_shown, alphasort);
  if (count < 0) {
    perror(path);
    exit(EXIT_FAILURE);
  }
  for (int i = 0; i < count; i++) {
    char inner[4096];
    snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
    run_all(inner);
    free(entries[i]);
  }
  free(entries);
}

int main(int argc, char **argv) {
  LLVMFuzzerInitialize(&argc, &argv);
  for (int i = 1; i < argc; i++) run_all(argv[i]);
  printf("%lu inputs\n", inputs);
  return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
