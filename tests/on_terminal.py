"""Runs a command on a terminal of its own. Standard input: JSON lines, each ["expect", TEXT], ["resize", ROWS, COLUMNS],
["send", TEXT], ["signal", NUMBER], ["foreground", NUMBER] for a signal to the job in the foreground, ["close"] the terminal or ["touch", PATH]. Standard output: all that the command wrote. Exit code: the command's, 124 where an
expected text did not come within ten minutes, which only a hang takes.
"""

import fcntl, json, os, pty, select, signal, struct, sys, termios, time

rows, columns, argv = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
steps = [json.loads(line) for line in sys.stdin if line.strip()]


def resize(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


# The command starts when the terminal has its size.
sized, has_size = os.pipe()
pid, fd = pty.fork()
if pid == 0:
    os.close(has_size)
    os.read(sized, 1)
    os.execvp(argv[0], argv)
resize(fd, rows, columns)
os.close(has_size)
output, seen, closed = b"", 0, False


def read(timeout):
    """More of the output; false when there will be none."""
    global output
    if not select.select([fd], [], [], timeout)[0]:
        return True
    try:
        piece = os.read(fd, 65536)
    except OSError:
        return False
    output += piece
    return piece != b""


for kind, *rest in steps:
    if kind == "expect":
        wanted, deadline = rest[0].encode(), time.time() + 600
        while wanted not in output[seen:]:
            if not read(0.1) or time.time() > deadline:
                os.kill(pid, signal.SIGKILL)
                sys.stdout.buffer.write(output)
                sys.exit(124)
        seen = output.index(wanted, seen) + len(wanted)
    elif kind == "resize":
        resize(fd, *rest)
    elif kind == "send":
        os.write(fd, rest[0].encode())
    elif kind == "signal":
        os.kill(pid, rest[0])
    elif kind == "foreground":
        os.killpg(os.tcgetpgrp(fd), rest[0])
    elif kind == "close":
        os.close(fd)
        closed = True
    elif kind == "touch":
        open(rest[0], "w").close()
while not closed and read(1):
    done, status = os.waitpid(pid, os.WNOHANG)
    if done:
        while select.select([fd], [], [], 0)[0] and read(0):
            pass
        break
else:
    _, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(output)
sys.exit(os.waitstatus_to_exitcode(status) & 255)
