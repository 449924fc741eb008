"""Start one program that ends when its parent ends.

    python die_with_parent.py PARENT_PID SIGNAL [UID:GID] -- program arguments...

The kernel sends SIGNAL to the program when its parent dies, even by `kill -9`; so nothing is orphaned. It is a separate
small program, because the request must be made between fork and exec, and code that runs there inside a process with
threads (for example pytest) can hang. The program takes this one's place, with the same process id.

With UID:GID the program runs as that user: PostgreSQL refuses to run as root. Only Linux has this request; elsewhere
the program starts without it.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
# Python ignores the first two, and a shell that starts something in the background ignores the third; a program
# started from here must not inherit that.
RESTORED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT)


def main(arguments: list[str]) -> None:
    """Become the program, which dies with its parent."""
    ours, program = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    parent, death_signal = int(ours[0]), int(ours[1])
    if len(ours) > 2:
        drop_privileges(*(int(number) for number in ours[2].split(":")))
    if sys.platform == "linux":  # after the change of user, which clears the request
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # it died before the request was made
        sys.exit(1)
    for number in RESTORED:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(program[0], program)  # noqa: S606 - no shell is wanted
    except OSError as failure:
        sys.exit(f"{program[0]} does not start: {failure.strerror}")


def drop_privileges(user: int, group: int) -> None:
    """Give up being root, for good."""
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


if __name__ == "__main__":
    main(sys.argv[1:])
