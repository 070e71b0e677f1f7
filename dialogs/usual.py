"""What each effect usually brings, made up: for the tests inside scripts, for walks through them, for `play`. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ORDER = {"no": "D2611210001", "assignee": "王管家"}
_TASK = {"no": "D2611210001", "owner": "张阿姨", "summary": "水电维修", "to": "李师傅"}
_NO_CLASH = dict.fromkeys(("clash", "clash_label", "kept", "other", "clash_source"), "")
_OFFER = {
    "note": "",
    "price": "20",
    "unit": "份",
    "is_full": False,
    "starts": "11月28日(周六) 09:30",
    "deadline": "",
    "ages": "",
}
_OFFERS = [
    {**_OFFER, "key": "first", "label": "头一样，20 元/份", "title": "头一样", "left": 5, "words": ["头一样"], "loan_days": 3},
    {
        **_OFFER,
        "key": "second",
        "label": "第二样，20 元/份（满了，可以排队）",
        "title": "第二样",
        "left": 0,
        "words": ["第二样"],
    }
    | {"is_full": True, "loan_days": 7},
]
RESULTS: Mapping[str, Mapping[str, Any]] = {
    "book_order": {
        **_ORDER,
        "service": "水电维修",
        "title": "头一样",
        "place": 0,
        "total": "20",
        "due": "11月24日(周二) 20:00",
    },
    "find_offers": {
        "count": 2,
        "text": "头一样，20 元/份\n第二样，20 元/份（满了，可以排队）",
        "offers": _OFFERS,
        "first": "first",
        "guess": None,
    },
    "price_cart": {
        "count": 1,
        "items": [{"offer": "first", "title": "头一样", "quantity": 2}],
        "text": "头一样 × 2份，40 元",
        "total": "40",
        "other": "",
        "unclear": "",
    },
    "recall_order": {"count": 1, "text": "头一样2份", "no": "D2611140001"},
    "return_loan": {"no": "D2611210001", "owner": "张阿姨", "title": "人字梯"},
    "find_bills": {
        "count": 1,
        "text": "物业费 2026-10：180 元",
        "total": "180",
        "last": "2026-10-05 交了 物业费 2026-09，180 元",
    },
    "list_points": {"balance": 12, "count": 1, "text": "11-20 +2 给服务打分", "ways": "\n这样就能攒：\n给服务打分 +2"},
    "show_profile": {"name": "张阿姨", "phone_tail": "0001", "homes": "1栋-2单元-301（业主）", "text": "没有在办的事。"},
    "correct_name": {"name": "张桂兰"},
    "file_complaint": {"no": "C2611210001", "assignee": "王管家"},
    "leave_feedback": {"no": "F2611210001"},
    "choose_home": {"room": "1栋-2单元-301", "community": "阳光花园"},
    "set_phone": {"owner": "张阿姨", "text": "张阿姨的电话记成「空号」了。"},
    "take_staff_code": {"name": "王管家", "role": "butler"},
    "bind_room": {"name": "张阿姨", "room": "1栋-2单元-301"},
    "hand_over": {"no": "T2611210001", "assignee": "王管家"},
    "list_progress": {"count": 1, "text": "D2611210001 水电维修 已有师傅接单"},
    "confirm_solved": {"no": "C2611210001", "status": "closed"},
    "cancel_order": {"no": "D2611210001"},
    "list_cancellable": {"count": 1, "nos": ["D2611210001"], "text": "D2611210001 水电维修"},
    "list_tasks": {"count": 1, "text": "D2611210001 水电维修 张阿姨"},
    "accept_task": _TASK,
    "complete_task": _TASK,
    "transfer_task": _TASK,
    "attach_photo": {"no": "D2611210001"},
    "reply_to_owner": {"no": "D2611210001", "owner": "张阿姨"},
    "find_owners": {"count": 1, "owners": [{"key": "1", "label": "张阿姨 1栋-2单元-301"}], "owner": "1"},
    "show_tags": {"name": "张阿姨", "text": "宠物：犬（业主自己说的，到 2027-11-21）", **_NO_CLASH},
    "tag_owner": {"owner": "张阿姨", "text": "张阿姨的标签改好了。", **_NO_CLASH},
    "decide_tag": {"text": "房屋用途按「自住」。"},
    "undo_tags": {"owner": "张阿姨", "text": "+养犬"},
}
