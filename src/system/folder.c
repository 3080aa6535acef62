#include "system/folder.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

size_t pb_folder_names(const char *path, char *names, size_t room) {
  DIR *folder = opendir(path);
  if (!folder) return 0;
  size_t used = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    size_t size = strlen(entry->d_name) + 1;
    if (size > room - used) break;
    memcpy(names + used, entry->d_name, size);
    used += size;
  }
  closedir(folder);
  return used;
}

bool pb_folder_working(char *path, size_t room) {
  return getcwd(path, room) != NULL;
}
