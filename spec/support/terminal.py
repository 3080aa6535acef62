"""Runs a command on a terminal of its own:  terminal.py COLUMNS ANSWER command...

Copies what the terminal shows to standard output, and exits with the command's status (128 and the number of
the signal that ended it). ANSWER is typed once the command has asked something, that is, when its last line
ends with "] ": "^C" as Ctrl-C, other text with a line end. Without an answer, nothing is typed.
"""

import fcntl
import os
import pty
import struct
import sys
import termios

columns, answer, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]

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
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
