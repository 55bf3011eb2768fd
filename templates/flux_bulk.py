# Runs many commands of Flux in one process: flux python -c PROGRAM <COMMANDS
#
# Most of the time of `flux batch` goes by before it has begun, in loading Python and Flux. Here that is done once. Each
# line of input is {"argv": ["flux", "batch", ...], "cwd": "..."}. A copy of this process does the work of that command,
# and prints a line [NUMBER, EXIT CODE, OUTPUT, ERRORS]. Ends with 3 if it cannot begin.
import json
import os
import runpy
import sys
import tempfile
import traceback

AT_A_TIME = 4


def fail(why):
    os.write(2, ("flux bulk: %s\n" % why).encode())
    os._exit(3)


def find(name):
    for folder in os.environ.get("FLUX_EXEC_PATH", "").split(":"):
        path = os.path.join(folder, "flux-%s.py" % name)
        if folder and os.access(path, os.R_OK):
            return path
    fail("no flux-%s.py in FLUX_EXEC_PATH" % name)


def become(path, args, cwd, out, err):
    code = 1
    try:
        os.chdir(cwd)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        sys.argv = [path] + args
        runpy.run_path(path, run_name="__main__")
        code = 0
    except SystemExit as end:
        if end.code is None:
            code = 0
        elif isinstance(end.code, int):
            code = end.code
        else:
            os.write(2, ("%s\n" % (end.code,)).encode())
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:
                pass
        os._exit(code & 255)


def tell(number, status, out, err):
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read().decode("utf-8", "replace"))
        stream.close()
    code = 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    os.write(1, (json.dumps([number, code] + texts) + "\n").encode())


commands = [json.loads(line) for line in sys.stdin]
paths = [find(command["argv"][1]) for command in commands]
try:
    import flux
    import flux.job
except ImportError as error:
    fail(error)
try:
    import flux.cli.batch
    import flux.cli.submit
except ImportError:
    pass  # An older Flux has them elsewhere.

running = {}


def wait_for_one():
    child, status = os.wait()
    tell(running[child][0], status, *running.pop(child)[1:])


for number, (command, path) in enumerate(zip(commands, paths)):
    if len(running) == AT_A_TIME:
        wait_for_one()
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
    child = os.fork()
    if child == 0:
        become(path, command["argv"][2:], command["cwd"], out, err)
    running[child] = (number, out, err)
while running:
    wait_for_one()
