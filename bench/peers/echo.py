"""The stateless peer: wechatpy in safe mode behind Flask, as its own example does it, answering what it was told.

Runs in the peers' environment under gunicorn, and keeps nothing.
"""

import os

from flask import Flask, abort, request
from wechatpy import create_reply, parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.utils import check_signature

TOKEN, AES_KEY, APP_ID = os.environ["PEER_TOKEN"], os.environ["PEER_AES_KEY"], os.environ["PEER_APP_ID"]

app = Flask(__name__)
crypto = WeChatCrypto(TOKEN, AES_KEY, APP_ID)


@app.post("/wechat")
def receive() -> str:
    """Verify, decrypt, parse, echo, encrypt."""
    given = request.args
    timestamp, nonce = given.get("timestamp", ""), given.get("nonce", "")
    try:
        check_signature(TOKEN, given.get("signature", ""), timestamp, nonce)
        xml = crypto.decrypt_message(request.data, given.get("msg_signature", ""), timestamp, nonce)
    except (InvalidSignatureException, InvalidAppIdException):
        abort(403)
    message = parse_message(xml)
    reply = create_reply(message.content, message=message).render()
    return crypto.encrypt_message(reply, nonce, timestamp)
