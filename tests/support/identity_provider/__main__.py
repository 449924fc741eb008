"""Start the provider: `python -m tests.support.identity_provider PORT`."""

import logging
import os
import sys

from werkzeug.serving import make_server

from tests.support.identity_provider.application import create


def main(port: int) -> None:
    """Serve on loopback until killed."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    make_server("127.0.0.1", port, create(f"http://127.0.0.1:{port}"), threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
