"""The platform's error numbers and the sentences it says with them. Nothing is decided here."""

import secrets
from typing import Any

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40015: "invalid menu type",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40022: "invalid sub button size",
    40023: "invalid sub button size",
    40024: "invalid sub button type",
    40025: "invalid sub button name size",
    40026: "invalid sub button key size",
    40027: "invalid sub button url size",
    40031: "invalid openid list",
    40032: "invalid openid list size",
    40033: r"invalid charset. please check your request, if include \uxxxx will create fail!",
    40035: "invalid parameter",
    40036: "invalid template_id size",
    40037: "invalid template_id",
    40039: "invalid url size",
    40052: "invalid action_name",
    40053: "invalid action info",
    40054: "invalid sub button url domain",
    40055: "invalid button url domain",
    40059: "invalid msg id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40130: "invalid openid list size, at least two openid",
    40132: "invalid username",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41007: "sub_menu data missing",
    41009: "missing openid",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45010: "create menu limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45028: "has no masssend quota",
    45029: "qrcode count out of limit",
    45047: "out of response count limit",
    45056: "too many tag now, no need to add new",
    45057: "can't delete the tag that has too many fans",
    45058: "can't modify sys tag",
    45059: "can not tagging one user too much",
    45065: "clientmsgid exist",
    45067: "clientmsgid size out of limit",
    45080: "need to interact within 30 seconds before typing",
    45081: "already typing",
    45083: "speed must between 0 and 4",
    45098: "msgmenu size out of limit",
    45099: "msgmenu item size out of limit",
    45157: "invalid tag name",
    45158: "tag name too long",
    45159: "invalid tag id",
    45166: "invalid content",
    46003: "menu no exist",
    46004: "user no exist",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    48002: "user block receive message",
    48006: "forbid to clear quota because of reaching the limit",
    49003: "not match openid with appid",
    65301: "menuid not exist",
    65302: "no such user",
    65303: "there is no selfmenu, please create selfmenu first",
    65304: "match rule empty",
    65305: "menu count limit",
    65307: "empty menu",
    65308: "button type missing",
    65316: "too many jump domains",
    65318: "must use utf-8 charset",
    65320: "sex, region and language rules are no longer supported",
}


class ApiError(Exception):
    """A refusal by the platform: its number, and what it adds to the usual sentence."""

    def __init__(self, errcode: int, detail: str = "", **more: Any) -> None:
        super().__init__(errcode, detail)
        self.errcode, self.detail, self.more = errcode, detail, more


def refusal(errcode: int, detail: str = "", **more: Any) -> dict[str, Any]:
    """Return the JSON of an error, ending in the request id that the platform adds and changes every time."""
    sentence = f"{ERRMSG.get(errcode, 'unknown error')} {detail}".strip()
    return {"errcode": errcode, "errmsg": f"{sentence} rid: {request_id()}", **more}


def request_id() -> str:
    """Return a fresh request id, three groups of eight hexadecimal digits."""
    return "-".join(secrets.token_hex(4) for _ in range(3))
