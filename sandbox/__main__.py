"""Runs the sandbox alone on a port, for tests and for looking at a bot that runs elsewhere."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from sandbox.app import create_sandbox, start, stop
from sandbox.settings import SandboxConfig


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A local WeChat for one Official Account.")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--webhook", required=True, help="where pushes go, for example http://127.0.0.1:8000/wechat")
    parser.add_argument("--data-dir", type=Path, default=Path("data/sandbox"))
    parser.add_argument("--account", default="gh_sandbox0001")
    parser.add_argument("--app-id", default="wx0000000000sandbox")
    parser.add_argument("--app-secret", default="sandbox-secret")
    parser.add_argument("--token", default="sandboxtoken")
    parser.add_argument("--aes-key", default="a" * 42 + "A", help="43 characters")
    parser.add_argument("--mode", choices=["plain", "compatible", "safe"], default="safe")
    parser.add_argument("--template", action="append", default=[], metavar="NAME=ID")
    parser.add_argument("--redeliver-after-seconds", type=float, default=5.0)
    parser.add_argument("--deliveries", type=int, default=3)
    parser.add_argument("--window-messages", type=int, default=5)
    parser.add_argument("--token-seconds", type=int, default=7200)
    return parser.parse_args()


def _config(given: argparse.Namespace) -> SandboxConfig:
    names = ("data_dir", "account", "app_id", "app_secret", "token", "aes_key", "mode", "redeliver_after_seconds")
    more = ("deliveries", "window_messages", "token_seconds")
    templates = dict(pair.split("=", 1) for pair in given.template)
    values = {name: getattr(given, name) for name in (*names, *more)}
    return SandboxConfig(**values, webhook_url=given.webhook, template_ids=templates)


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    given = _arguments()
    app = create_sandbox(_config(given))
    server = make_server(given.host, given.port, app, threaded=True)

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    start(app)
    sys.stdout.write(f"sandbox: http://{given.host}:{server.server_port}/\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("sandbox: stopped\n")
    finally:
        server.server_close()
        stop(app)


if __name__ == "__main__":
    main()
