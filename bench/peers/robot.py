"""The peer that remembers: WeRoBot with its SQLite session and encryption, one handler that reads and writes the session.

Runs in the peers' environment under gunicorn. Everything is WeRoBot's default, the session's SQLite included; with
PEER_WAL set the session file is put into the mode that our database uses, which WeRoBot itself never does.
"""

import os

import werobot
from werobot.session.sqlitestorage import SQLiteStorage

storage = SQLiteStorage(os.environ["PEER_DATABASE"])
if os.environ.get("PEER_WAL"):
    storage.db.execute("PRAGMA journal_mode=WAL")
    storage.db.execute("PRAGMA synchronous=NORMAL")

robot = werobot.WeRoBot(token=os.environ["PEER_TOKEN"], session_storage=storage)
robot.config["APP_ID"] = os.environ["PEER_APP_ID"]
robot.config["ENCODING_AES_KEY"] = os.environ["PEER_AES_KEY"]


@robot.text
def answer(message, session):  # type: ignore[no-untyped-def]
    """Count this person's messages and keep her last one, as the session is meant to be used."""
    session["count"] = session.get("count", 0) + 1
    session["last"] = message.content
    return f"{session['count']}: {message.content}"


app = robot.wsgi
