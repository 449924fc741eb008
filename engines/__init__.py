"""Installation and processes: everything between a fresh checkout and a running Parley.

    bootstrap          installs the hashed requirements into .venv (system Python, standard library only)
    die_with_parent    starts one program that ends when its parent ends
    process            one started program: whether it is alive, stopping it, its last output
    restarting         one program that is restarted when it ends
    orphans            programs whose parent ended before them
    sockets            a folder for a socket whose path is short enough
    postgres           the private PostgreSQL (programs: postgres_programs, roles and databases: roles)
    valkey             the private Valkey
    settings           settings from the environment
    instance_lock      one Parley per data folder
    services           the programs of Parley and their commands
    supervisor         starts them in order, restarts programs that end, stops all of them
    terminal           the output at the terminal
    testing            one PostgreSQL and one Valkey for a test session

Nothing here imports `portal`, and `portal` imports nothing from here: production starts its parts by other means.
"""


class EnginesError(Exception):
    """A failure, as one sentence (with the remedy) for the person at the terminal."""
