"""The commands: everything between a fresh checkout and a running Parley.

    bootstrap          installs the hashed requirements into .venv (system Python, standard library only)
    die_with_parent    starts one program that cannot outlive whoever started it
    process            one started program: is it alive, stop it, what did it say last
    restarting         one program that is started again when it dies
    orphans            what happens to programs whose own parent died first
    sockets            a folder for a socket whose path is short enough
    postgres           the private PostgreSQL (programs: postgres_programs, roles and databases: roles)
    valkey             the private Valkey
    settings           what the environment says
    instance_lock      one Parley per data folder
    services           which programs make up Parley, and how each is started
    supervisor         starts them in order, restarts what dies, stops all of it
    terminal           what the person at the terminal sees
    testing            one PostgreSQL and one Valkey for a test session

Nothing here imports `portal`, and `portal` imports nothing from here: production starts its parts by other means.
"""


class EnginesError(Exception):
    """What went wrong, as one sentence (and what to do) for the person at the terminal."""
