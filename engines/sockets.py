"""A folder for a socket: a path short enough, and closed to everybody else.

The kernel takes at most 107 characters for a socket's path, and the path of a checkout may be longer. Then the socket
is in a short folder under /tmp whose name is derived from the wanted one, so that the next start finds it again.
"""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from engines import EnginesError
from engines.process import User

LONGEST = 107
SHORT = Path("/tmp")  # noqa: S108 - who owns what is found there is checked


def socket_folder(wanted: Path, socket_name: str, user: User | None = None) -> Path:
    """Return an existing folder that only `user` (or we) may enter and where `socket_name` has a short enough path."""
    owner = user.uid if user else os.getuid()
    folder = wanted
    # PostgreSQL and its clients take a comma for the end of one folder and the beginning of the next.
    if len(os.fsencode(wanted / socket_name)) > LONGEST or "," in str(wanted):
        digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
        folder = SHORT / f"parley-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, parents=folder is wanted, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.getuid()}:
        raise EnginesError(f"{folder} belongs to somebody else; Parley cannot put its sockets there. Remove it.")
    folder.chmod(0o700)
    if user:
        os.chown(folder, user.uid, user.gid)
    return folder


def tidy(folder: Path) -> None:
    """Remove a short folder when its server has stopped; any other stays, it belongs to the data."""
    if folder.parent == SHORT and folder.name.startswith(f"parley-{os.getuid()}-"):
        shutil.rmtree(folder, ignore_errors=True)
