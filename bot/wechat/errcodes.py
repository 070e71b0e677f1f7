"""The platform's error numbers as a table: number -> what it means, what to do, a stable word for rows and tests.

Only numbers are compared: every errmsg ends in a `rid` that differs each time. It must not call anyone or sleep.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

SECOND, MINUTE, HOUR = 1.0, 60.0, 3600.0


class Action(StrEnum):
    """What a caller does about an answer."""

    OK = "ok"
    RETRY = "retry"  # busy for a moment; the call had no effect
    REFRESH = "refresh"  # the token, not the call, was refused: renew it and call once more
    PAUSE = "pause"  # the whole account has to wait or be set right; other calls would fare no better
    PERMANENT = "permanent"  # this call can never succeed as it is


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, judged. `reason` is a stable word; `retry_after_seconds` is 0 unless waiting helps."""

    code: int
    action: Action
    reason: str
    meaning: str
    retry_after_seconds: float = 0.0


_ROWS: tuple[tuple[int, Action, str, str, float], ...] = (
    (0, Action.OK, "", "done", 0),
    # Busy, too fast, over a quota
    (-1, Action.RETRY, "busy", "the platform is busy", 5 * SECOND),
    (45011, Action.RETRY, "too_fast", "too many calls in this minute", MINUTE),
    (45066, Action.RETRY, "too_fast", "the same clientmsgid within a minute", MINUTE),
    (45009, Action.PAUSE, "daily_limit", "the day's calls of this API are used up", HOUR),
    (45028, Action.PERMANENT, "no_mass_quota", "the month's mass messages are used up", 0),
    (48006, Action.PERMANENT, "clear_quota_used", "clear_quota itself is used up for this month", 0),
    # The token
    (40001, Action.REFRESH, "token", "the access token is invalid or not the latest", 0),
    (40014, Action.REFRESH, "token", "the access token is malformed", 0),
    (41001, Action.REFRESH, "token", "the access token is missing", 0),
    (42001, Action.REFRESH, "token", "the access token has expired", 0),
    # The account: someone has to set it right, until then nothing goes out and nothing is lost
    (40013, Action.PAUSE, "bad_app_id", "the AppID is wrong", 10 * MINUTE),
    (40125, Action.PAUSE, "bad_secret", "the AppSecret is wrong", 10 * MINUTE),
    (40243, Action.PAUSE, "bad_secret", "the AppSecret is frozen", 10 * MINUTE),
    (40164, Action.PAUSE, "ip_not_allowed", "this server's address is not on the account's IP list", 10 * MINUTE),
    (45087, Action.PAUSE, "account_blocked", "service messages of this account are blocked", HOUR),
    (45094, Action.PAUSE, "account_blocked", "the account is under a penalty", HOUR),
    (48004, Action.PAUSE, "account_blocked", "this API is banned for the account", HOUR),
    (50002, Action.PAUSE, "account_blocked", "the account is restricted", HOUR),
    (40002, Action.PERMANENT, "bad_request", "the grant type is wrong", 0),
    (48001, Action.PERMANENT, "no_right", "the account has no right to this API", 0),
    (50001, Action.PERMANENT, "no_right", "the account has no right to this API", 0),
    (48003, Action.PERMANENT, "no_right", "the protocol for mass messages is not agreed to", 0),
    (48008, Action.PERMANENT, "no_right", "this type of message is not allowed", 0),
    (61007, Action.PERMANENT, "no_right", "the API is not authorised for the third party", 0),
    (40200, Action.PERMANENT, "no_right", "the account type may not send this", 0),
    # The person
    (45015, Action.PERMANENT, "window_closed", "the person has not written within the window", 0),
    (45047, Action.PERMANENT, "quota_used", "the window's messages to this person are used up", 0),
    (43004, Action.PERMANENT, "not_following", "the person does not follow the account", 0),
    (50005, Action.PERMANENT, "not_following", "the person does not follow the account", 0),
    (46004, Action.PERMANENT, "not_following", "there is no such person", 0),
    (43101, Action.PERMANENT, "refused", "the person has not agreed to this notice", 0),
    (43019, Action.PERMANENT, "user_blocked", "the person is on the account's blacklist", 0),
    (48002, Action.PERMANENT, "user_blocked", "the person has turned this account's messages off", 0),
    (40003, Action.PERMANENT, "bad_openid", "the openid is not one of this account's", 0),
    (49003, Action.PERMANENT, "bad_openid", "the openid does not belong to this AppID", 0),
    (40031, Action.PERMANENT, "bad_openid", "the list of openids is wrong", 0),
    (40032, Action.PERMANENT, "too_many_openids", "too many openids in one call", 0),
    (40130, Action.PERMANENT, "too_few_openids", "a mass message needs two openids at least", 0),
    # The message
    (40037, Action.PERMANENT, "bad_template", "the template id is not one of this account's", 0),
    (40036, Action.PERMANENT, "bad_template", "the template id has a wrong length", 0),
    (45026, Action.PERMANENT, "bad_template", "the account has too many templates", 0),
    (45027, Action.PERMANENT, "bad_template", "the template does not fit the account's industry", 0),
    (47003, Action.PERMANENT, "template_argument", "a value does not fit its field of the template", 0),
    (41030, Action.PERMANENT, "bad_url", "the page does not exist", 0),
    (40039, Action.PERMANENT, "bad_url", "the address is malformed", 0),
    (40055, Action.PERMANENT, "bad_url", "the address is not allowed", 0),
    (40054, Action.PERMANENT, "bad_url", "the address is not allowed", 0),
    (45001, Action.PERMANENT, "too_long", "the file is too large", 0),
    (45002, Action.PERMANENT, "too_long", "the text is too long", 0),
    (45008, Action.PERMANENT, "too_long", "more than one article", 0),
    (45098, Action.PERMANENT, "too_long", "the msgmenu is too large", 0),
    (45099, Action.PERMANENT, "too_long", "the msgmenu is too large", 0),
    (44004, Action.PERMANENT, "empty_text", "the text is empty", 0),
    (44002, Action.PERMANENT, "bad_request", "the body is empty", 0),
    (45166, Action.PERMANENT, "bad_content", "the content is not allowed", 0),
    (45065, Action.PERMANENT, "already_sent", "this clientmsgid has been sent", 0),
    (45067, Action.PERMANENT, "bad_request", "the clientmsgid is longer than 64 bytes", 0),
    (40059, Action.PERMANENT, "bad_request", "there is no such message", 0),
    (40035, Action.PERMANENT, "bad_request", "a parameter is wrong", 0),
    (40097, Action.PERMANENT, "bad_request", "an argument is wrong", 0),
    (43001, Action.PERMANENT, "bad_request", "GET is needed", 0),
    (43002, Action.PERMANENT, "bad_request", "POST is needed", 0),
    (47001, Action.PERMANENT, "bad_request", "the body cannot be parsed", 0),
    (40033, Action.PERMANENT, "bad_request", "escapes (\\uxxxx) are not allowed", 0),
    (65318, Action.PERMANENT, "bad_request", "the body is not UTF-8", 0),
    # Files
    (40004, Action.PERMANENT, "media_invalid", "the media type is wrong", 0),
    (40005, Action.PERMANENT, "media_invalid", "the file type is wrong", 0),
    (40006, Action.PERMANENT, "media_invalid", "the file size is wrong", 0),
    (40007, Action.PERMANENT, "media_invalid", "the media_id is unknown or older than three days", 0),
    (41005, Action.PERMANENT, "media_invalid", "the file is missing", 0),
    (44001, Action.PERMANENT, "media_invalid", "the file is empty", 0),
    # QR codes
    (40052, Action.PERMANENT, "bad_scene", "the action name is wrong", 0),
    (40053, Action.PERMANENT, "bad_scene", "the scene is wrong", 0),
    (45029, Action.PERMANENT, "qr_codes_used", "the account has no permanent QR codes left", 0),
    # Tags
    (45056, Action.PERMANENT, "too_many_tags", "the account has its 100 tags already", 0),
    (45059, Action.PERMANENT, "too_many_tags", "the person has 20 tags already", 0),
    (45057, Action.PERMANENT, "tag_in_use", "the tag has more than 100,000 people", 0),
    (45058, Action.PERMANENT, "system_tag", "the tag belongs to the platform", 0),
    (45157, Action.PERMANENT, "bad_tag_name", "the tag's name is invalid or taken", 0),
    (45158, Action.PERMANENT, "bad_tag_name", "the tag's name is longer than 30 bytes", 0),
    (45159, Action.PERMANENT, "bad_tag", "there is no such tag", 0),
    # Menus
    (46003, Action.PERMANENT, "no_menu", "the account has no menu", 0),
    (45010, Action.PERMANENT, "menu_invalid", "too many menus", 0),
    (45064, Action.PERMANENT, "menu_invalid", "the mini program is not linked to the account", 0),
    (41007, Action.PERMANENT, "menu_invalid", "the sub-menu is missing", 0),
    (65303, Action.PERMANENT, "no_menu", "there is no default menu", 0),
    (65316, Action.PERMANENT, "menu_invalid", "more than three domains to jump to", 0),
    (65317, Action.PERMANENT, "menu_invalid", "an address in the menu is wrong", 0),
    (65320, Action.PERMANENT, "menu_invalid", "the match rule is not supported any more", 0),
)
_MENU_PARTS: dict[int, str] = {
    40015: "button type",
    40016: "number of buttons",
    40017: "button type",
    40018: "length of a button's name",
    40019: "length of a button's key",
    40020: "length of a button's url",
    40022: "sub-menu level",
    40023: "number of sub-buttons",
    40024: "sub-button type",
    40025: "length of a sub-button's name",
    40026: "length of a sub-button's key",
    40027: "length of a sub-button's url",
    40119: "button type",
    40120: "sub-button type",
}
TABLE: dict[int, Verdict] = {row[0]: Verdict(*row) for row in _ROWS} | {
    code: Verdict(code, Action.PERMANENT, "menu_invalid", f"the menu is wrong: {part}") for code, part in _MENU_PARTS.items()
}
_RID = re.compile(r"\s*(?:rid:|hint:).*", re.DOTALL)


def classify(code: int, message: str = "") -> Verdict:
    """Judge an answer by its errcode alone; `message` only words the meaning of a number the table lacks.

    An unknown number is permanent with the reason `unexpected`: sending it again would meet the same answer.
    """
    known = TABLE.get(code)
    if known is not None:
        return known
    return Verdict(code, Action.PERMANENT, "unexpected", _RID.sub("", message)[:120] or "a number not in the table")
