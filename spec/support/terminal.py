"""Runs a command on a terminal of its own:  terminal.py [--kill-at TEXT] COLUMNS ANSWER command...

Copies what the terminal shows to standard output, and exits with the command's status (128 and the number of
the signal that ended it). ANSWER is typed once the command has asked something, that is, when its last line
ends with "] ": "^C" as Ctrl-C, other text with a line end. Without an answer, nothing is typed. With --kill-at
the command is killed (SIGKILL) as soon as the terminal has shown that text.
"""

import fcntl
import os
import pty
import signal
import struct
import sys
import termios

words = sys.argv[1:]
kill_at = None
if words[0] == "--kill-at":
    kill_at, words = words[1].encode(), words[2:]
columns, answer, command = int(words[0]), words[1], words[2:]

child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(command[0], command)

shown = b""
while True:
    try:
        some = os.read(terminal, 65536)
    except OSError:  # Linux says so when the command has ended
        break
    if not some:
        break
    shown += some
    if answer and shown.endswith(b"] "):
        os.write(terminal, b"\x03" if answer == "^C" else answer.encode() + b"\n")
        answer = ""
    if kill_at and kill_at in shown:
        os.kill(child, signal.SIGKILL)
        kill_at = None
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
