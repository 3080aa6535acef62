#include "mask/name_list.h"

#include <string.h>

#include "base/ascii.h"

bool pb_names_has(const pb_names *names, const char *name, size_t length) {
  char lower[PB_LONGEST_NAME + 1];
  if (length > PB_LONGEST_NAME) return false;
  for (size_t i = 0; i < length; i++) lower[i] = pb_ascii_lower(name[i]);
  lower[length] = '\0';
  size_t low = 0, high = names->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = strcmp(names->names[middle], lower);
    if (order == 0) return strlen(lower) == length;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}
