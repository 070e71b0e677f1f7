"""Pictures of orders and complaints, from the media folder to signed-in staff. Nothing outside that folder is ever served."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue

from console.permissions import Permission, needs
from console.room import LARGEST_ID, reader, runtime, scope
from models.cases import Attachment
from models.listings import find_attachment

SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp"}
BINARY = "application/octet-stream"
blueprint = Blueprint("pictures", __name__, url_prefix="/pictures")


@blueprint.get("/<int:attachment_id>")
@needs(Permission.SIGNED_IN)
def show(attachment_id: int) -> ResponseReturnValue:
    """Send a kept picture to who may see its case; anything else that was kept (voice, video) comes as a download."""
    if attachment_id > LARGEST_ID:
        abort(404)
    with runtime().database.reading() as tx:
        found = find_attachment(tx.session, scope(), attachment_id)
    path = locate(runtime().options.data_dir, found) if found else None
    if found is None or path is None:
        abort(404)
    if not reader().may(Permission.SEE_ORDERS if found.order_id else Permission.SEE_COMPLAINTS):
        abort(403)
    kind = (found.content_type or "").split(";")[0].strip().lower()
    name = f"{attachment_id}{path.suffix}"
    return send_file(path, kind if kind in SHOWN else BINARY, as_attachment=kind not in SHOWN, download_name=name)


def locate(data_dir: Path, attachment: Attachment) -> Path | None:
    """Return the file of an attachment, None unless it is a real file inside the media folder."""
    if attachment.status != "kept" or not attachment.path:
        return None
    media = (data_dir / "media").resolve()
    path = (data_dir / attachment.path).resolve()
    return path if path.is_relative_to(media) and path.is_file() else None
