/* For wcwidth. */
#define _XOPEN_SOURCE 700
#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#include <xlocale.h>
#endif

#include "system/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

locale_t pb_terminal_locale(void) {
  static const char *const names[] = {"C.UTF-8", "UTF-8", "en_US.UTF-8"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    locale_t locale = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
    if (locale) return locale;
  }
  return (locale_t)0;
}

/* The code point of the well-formed sequence at `at`, and its length. */
static size_t read_character(const char *at, uint32_t *code) {
  unsigned char first = (unsigned char)*at;
  size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  static const unsigned char masks[] = {0x7F, 0x1F, 0x0F, 0x07};
  *code = first & masks[length - 1];
  for (size_t i = 1; i < length; i++) *code = *code << 6 | ((unsigned char)at[i] & 0x3F);
  return length;
}

/* Unicode's blocks of Hebrew, Arabic and the scripts beside them (UAX #9, table 4, default R and AL). */
static bool is_right_to_left(uint32_t code) {
  return (code >= 0x590 && code <= 0x8FF) || (code >= 0xFB1D && code <= 0xFDFF) ||
         (code >= 0xFE70 && code <= 0xFEFF) || (code >= 0x10800 && code <= 0x10FFF) ||
         (code >= 0x1E800 && code <= 0x1EFFF);
}

pb_terminal_fit pb_terminal_measure(locale_t locale, const char *text, size_t length, size_t most) {
  pb_terminal_fit fit = {0};
  locale_t before = locale ? uselocale(locale) : (locale_t)0;
  while (fit.length < length) {
    uint32_t code;
    size_t bytes = read_character(text + fit.length, &code);
    if (bytes > length - fit.length) break;
    int width = code < 0x80 || !locale ? 1 : wcwidth((wchar_t)code);
    /* A character that this system's Unicode does not have yet. */
    size_t columns = width < 0 ? 1 : (size_t)width;
    if (columns > most - fit.columns) break;
    fit.columns += columns;
    fit.length += bytes;
    fit.right_to_left |= is_right_to_left(code);
  }
  if (locale) uselocale(before);
  return fit;
}

static volatile sig_atomic_t arrived;

static void on_signal(int number) {
  arrived = number;
}

static const int signals[] = {SIGINT, SIGTERM};
enum { SIGNALS = sizeof signals / sizeof *signals };

/* Waits until there is something to read. The signals are blocked but for this wait, so that none is missed between a
 * look at `arrived` and the wait. */
static bool wait_for_input(int descriptor, const sigset_t *open) {
  fd_set readable;
  FD_ZERO(&readable);
  FD_SET(descriptor, &readable);
  return pselect(descriptor + 1, &readable, NULL, NULL, NULL, open) > 0;
}

/* One byte at a time: the bytes behind the line are left for others. */
static pb_line_result read_bytes(int descriptor, const sigset_t *open, char *line, size_t room,
                                 size_t *length, int *detail) {
  bool any = false;
  *length = 0;
  for (;;) {
    char byte;
    ssize_t got = wait_for_input(descriptor, open) ? read(descriptor, &byte, 1) : -1;
    if (arrived != 0) {
      *detail = arrived;
      return PB_LINE_SIGNAL;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      *detail = errno;
      return PB_LINE_FAILED;
    }
    if (got == 0) return any ? PB_LINE_READ : PB_LINE_END;
    if (byte == '\n') return PB_LINE_READ;
    any = true;
    if (*length < room) line[(*length)++] = byte;
  }
}

/* Has a terminal not show typed text. Returns whether `before` has to be restored. */
static bool hide_input(struct termios *before) {
  if (tcgetattr(STDIN_FILENO, before) != 0) return false;
  struct termios hidden = *before;
  hidden.c_lflag &= (tcflag_t)~ECHO;
  return tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
}

pb_line_result pb_terminal_ask(const char *question, size_t size, bool hidden, char *line,
                               size_t room, size_t *length, int *detail) {
  struct sigaction before[SIGNALS];
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t blocked, mask, open;
  sigemptyset(&action.sa_mask);
  sigemptyset(&blocked);
  for (size_t i = 0; i < SIGNALS; i++) sigaddset(&blocked, signals[i]);
  pthread_sigmask(SIG_BLOCK, &blocked, &mask);
  open = mask;
  for (size_t i = 0; i < SIGNALS; i++) sigdelset(&open, signals[i]);
  arrived = 0;
  for (size_t i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &before[i]);
  struct termios shown;
  bool is_hidden = hidden && hide_input(&shown);
  while (size > 0) {
    ssize_t written = write(STDERR_FILENO, question, size);
    if (written <= 0) break; /* nobody sees the question; whoever answers it knows it */
    question += written;
    size -= (size_t)written;
  }
  pb_line_result result = read_bytes(STDIN_FILENO, &open, line, room, length, detail);
  if (is_hidden) tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
  for (size_t i = 0; i < SIGNALS; i++) sigaction(signals[i], &before[i], NULL);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  return result;
}
