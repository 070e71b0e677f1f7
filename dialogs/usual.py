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
_BUTLERS = (
    ("travel", "旅行管家·旅行出游", "旅行管家"),
    ("housing", "房管家·租售装修", "房管家"),
    ("base", "基础服务·报修放行借用", "基础服务"),
    ("mine", "看看我托办的事", "我的事"),
    ("all", "看看全部服务", "全部服务"),
    ("why", "为什么看到这些", "为什么是这些"),
)
_SERVICES = (
    ("travel.domestic", "国内游", "国内旅游"),
    ("housing.agency", "房屋租售", "租房"),
    ("base.goods_pass", "物品放行条", "放行条"),
)
RESULTS: Mapping[str, Mapping[str, Any]] = {
    "find_menu": {
        "butlers": [{"key": key, "label": label, "words": [word]} for key, label, word in _BUTLERS],
        "services": [{"key": key, "label": label, "words": [word]} for key, label, word in _SERVICES],
        "count": 3,
        "title": "旅行管家",
    },
    "explain_menu": {"count": 1, "text": "养老管家放在前面，因为家里有老人。", "hidden": 0},
    "leave_wish": {"no": "F2611210001", "assignee": "王管家"},
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
    "look_up_consents": {
        **dict.fromkeys(("profile", "marketing", "health", "minors", "voice", "supplier"), "unknown"),
        "may_ask": dict.fromkeys(("profile", "marketing", "health", "minors", "voice", "supplier"), True),
        "given": [{"key": "profile", "label": "家里情况和喜好"}, {"key": "all", "label": "全部"}],
        "count": 2,
        "only": "",
        "title": "家里情况和喜好",
        "text": "我记下来可以吗？",
        "kinds": "您自己说的",
        "keeps": "最多两年",
        "state": "unknown",
        "is_askable": True,
    },
    "record_consent": {"purpose": "profile", "title": "家里情况和喜好"},
    "show_notice": {
        "name": "小区物业服务中心",
        "contact": "回复「人工」",
        "kinds": "· 您发来的话：180 天",
        "purposes": "· 喜好",
    },
    "show_data": {
        "text": "· 称呼和电话：物业登记，一直留着",
        "count": 1,
        "tags": [
            {"key": "pet.kind=犬", "label": "宠物：犬", "words": ["犬"]},
            {"key": "car.count=1", "label": "车辆数：1", "words": []},
        ],
    },
    "find_tag_values": {"label": "宠物", "values": [{"key": "犬", "label": "犬"}, {"key": "猫", "label": "猫"}]},
    "correct_tag": {"label": "宠物"},
    "request_export": {"hours": 24},
    "show_erasure": {"text": "您发来的话", "open": "", "pending": "", "is_staff": False},
    "request_erasure": {"at": "11月22日(周日) 10:00"},
    "stop_erasure": {},
    "explain_push": {"count": 1, "text": "周六打疫苗", "at": "11月20日", "why": "养犬的人家"},
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
    "find_visit": {
        "count": 1,
        "people": [{"key": "1", "label": "张阿姨 1栋-2单元-301"}, {"key": "2", "label": "张伟 3栋-2单元-502"}],
        "first": "1",
        "surveys": [
            {"key": "survey_owner", "label": "业主调研", "ways": ["visit", "phone"], "is_calling": False},
            {"key": "survey_phone", "label": "电话拜访", "ways": ["phone"], "is_calling": True},
        ],
        "survey": "survey_owner",
        "ways": [{"key": "visit", "label": "上门"}, {"key": "phone", "label": "电话"}],
        "way": "visit",
        "no": "",
    },
    "open_visit": {"no": "V2611210001", "visit": 1, "script": "survey.owner", "name": "张阿姨", "state": ""},
    "put_off_visit": {"no": "V2611210001", "name": "张阿姨", "task": "C2611210001"},
    "note_recorder": {"no": "V2611210001", "name": "小陈"},
    "code_visit": {"no": "V2611210001", "name": "张阿姨", "text": "房屋用途：自己住", "is_one": False},
    "book_return_visit": {"no": "C2611210001", "assignee": "王管家"},
    "find_owners": {"count": 1, "owners": [{"key": "1", "label": "张阿姨 1栋-2单元-301"}], "owner": "1"},
    "show_tags": {"name": "张阿姨", "text": "宠物：犬（业主自己说的，到 2027-11-21）", **_NO_CLASH},
    "tag_owner": {"owner": "张阿姨", "text": "张阿姨的标签改好了。", **_NO_CLASH},
    "decide_tag": {"text": "房屋用途按「自住」。"},
    "undo_tags": {"owner": "张阿姨", "text": "+养犬"},
}
