"""One Parley per data folder: a lock that the kernel releases, however its holder ends."""

import fcntl
import os
from pathlib import Path

from engines import EnginesError


class InstanceLock:
    """The right to use a data folder."""

    def __init__(self, data: Path) -> None:
        self._file = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 20).decode() or "unknown"
            os.close(self._file)
            raise EnginesError(
                f"Parley already runs on {data} (process {holder}). Stop it first; or run a second one beside it: "
                "make run PORT=8001 PARLEY_DATA=./var-second"
            ) from None
        # The file is not empty if the last holder was killed; its programs may be ending just now.
        self.after_a_crash = bool(os.read(self._file, 20))
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def give_back(self) -> None:
        """Empty the file and release the lock."""
        os.ftruncate(self._file, 0)
        os.close(self._file)
