"""Makes the sandbox: one Flask app with the server API, the phone and the view of the wire. No rule lives here."""

from pathlib import Path

from flask import Flask

from sandbox import menu_taps, pages, phone_api
from sandbox.actions import ACTIONS
from sandbox.api import gate
from sandbox.courier import Courier
from sandbox.settings import SandboxConfig
from sandbox.world import World, open_world

MOST_UPLOAD = 12 << 20


def create_sandbox(config: SandboxConfig) -> Flask:
    """Build the app; it can be mounted under a path or run alone. Nothing is delivered before `start`."""
    app = Flask("sandbox", root_path=str(Path(__file__).parent), static_folder="static", template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = MOST_UPLOAD
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    world = open_world(config)
    app.extensions["world"] = world
    app.extensions["courier"] = Courier(world)
    ACTIONS["menu"] = menu_taps.tap_menu
    for blueprint in (gate.blueprint, phone_api.blueprint, pages.blueprint):
        app.register_blueprint(blueprint)
    app.after_request(pages.protect)
    return app


def start(app: Flask) -> None:
    """Begin delivering what is queued, and what an earlier run left."""
    courier: Courier = app.extensions["courier"]
    courier.start()


def stop(app: Flask) -> None:
    """Stop delivering within a second and close the database; what is under way stays queued."""
    courier: Courier = app.extensions["courier"]
    courier.stop()
    world: World = app.extensions["world"]
    world.store.close()
