"""What the demo community has going on: offers of all kinds, bills and points. Days are relative to the first run.

`@+3` is the day in three days, `@-1m` the month before this one; whoever loads the files puts the real days in.
"""

from __future__ import annotations

from random import Random

SEED = 20261102
OFFER_FIELDS = [
    "code", "kind", "community", "title", "note", "price", "unit", "stock", "min_count", "starts_at", "deadline_at",
    "loan_days", "status", "service", "ages",
]  # fmt: skip
BILL_FIELDS = ["community", "building", "unit", "room", "item", "period", "amount", "due_on", "paid_on"]
POINT_FIELDS = ["phone", "openid", "points", "reason", "on"]
SENIOR, HOBBIES, GOODS = "elderly.senior_college", "education.hobbies", "delivery.daily_goods"
TOOLS, CART = "base.spare_parts", "base.cart"
Row = dict[str, str]

_COURSES = (
    ("shufa", "书法入门班", "会所二楼教室，笔墨都备好。", "20", "12", "@+4 09:30", SENIOR, ""),
    ("taiji", "太极拳晨练班", "中心花园，穿软底鞋。", "", "20", "@+3 07:00", SENIOR, ""),
    ("shouji", "手机小课堂", "会所二楼教室，手机充好电。", "", "2", "@+6 14:30", SENIOR, ""),
    ("weiqi", "围棋启蒙", "会所一楼，棋具都有。", "50", "8", "@+7 10:00", HOBBIES, "to_12"),
    ("huahua", "儿童画画", "会所一楼，穿旧衣服来。", "60", "6", "@+7 15:00", HOBBIES, "to_6"),
)
_ACTIVITIES = (
    ("qingjie", "周末清洁日", "东门集合，手套夹子我们备。", "30", "@+7 09:00"),
    ("yumaoqiu", "羽毛球友谊赛", "体育馆三号场，球拍可以借。", "16", "@+8 14:00"),
)
_GOODS = (
    ("rice", "东北大米（5公斤）", "32", "袋", "40"),
    ("water", "桶装水", "18", "桶", "60"),
    ("paper", "卫生纸（10卷）", "25.9", "提", "50"),
    ("eggs", "鲜鸡蛋", "12.5", "斤", "80"),
    ("oil", "花生油（5升）", "89", "桶", "20"),
)
_GROUP_BUYS = (
    ("chengzi", "赣南脐橙", "十斤一箱，前台自取或送到家。", "49", "箱", "100", "20", "@+5 18:00", "@+8"),
    ("jianguo", "年货坚果礼盒", "六样坚果，前台自取或送到家。", "128", "份", "60", "15", "@+9 18:00", "@+13"),
)
_LOANS = (
    ("tizi", "梯子（人字梯）", "2", "3", TOOLS),
    ("dianzuan", "电钻（手电钻）", "1", "3", TOOLS),
    ("daqitong", "打气筒（气筒）", "3", "2", TOOLS),
    ("tuiche", "便民小推车", "2", "1", CART),
)


def make_offers() -> list[Row]:
    """Make up what can be booked: in every estate, but for one estate's own classes."""
    rows = [
        {"code": code, "kind": "course", "title": title, "note": note, "price": price, "unit": "位", "stock": stock}
        | {"starts_at": starts, "service": service, "ages": ages}
        for code, title, note, price, stock, starts, service, ages in _COURSES
    ]
    rows += [
        {"code": code, "kind": "activity", "title": title, "note": note, "unit": "位", "stock": stock, "starts_at": starts}
        for code, title, note, stock, starts in _ACTIVITIES
    ]
    rows += [
        {"code": code, "kind": "goods", "title": title, "price": price, "unit": unit, "stock": stock, "service": GOODS}
        for code, title, price, unit, stock in _GOODS
    ]
    rows += [
        {"code": code, "kind": "group_buy", "title": title, "note": note, "price": price, "unit": unit, "stock": stock}
        | {"min_count": least, "deadline_at": deadline, "starts_at": arrives}
        for code, title, note, price, unit, stock, least, deadline, arrives in _GROUP_BUYS
    ]
    rows += [
        {"code": code, "kind": "loan", "title": title, "unit": "件", "stock": stock, "loan_days": days, "service": service}
        for code, title, stock, days, service in _LOANS
    ]
    return [dict.fromkeys(OFFER_FIELDS, "") | row for row in rows]


def make_bills(owners: list[Row]) -> list[Row]:
    """Make up three months of bills for the homes of the first estate: most are paid, 张阿姨 has two open."""
    random = Random(SEED)  # noqa: S311 - a demo must come out the same, not be hard to guess
    rows: list[Row] = []
    for owner in owners:
        if owner["community"] != owners[0]["community"] or owner["relation"] != "业主":
            continue
        place = {name: owner[name] for name in ("community", "building", "unit", "room")}
        amount = "216" if owner is owners[0] else str(random.randrange(150, 360))
        is_late = owner is owners[0] or random.random() < 0.3
        for month in (3, 2, 1):
            paid_on = "" if is_late and month == 1 else f"@-{month * 30 - random.randrange(2, 20)}"
            due_on = "@+10" if month == 1 else f"@-{month * 30 - 25}"
            rows.append(
                place | {"item": "物业费", "period": f"@-{month}m", "amount": amount, "due_on": due_on, "paid_on": paid_on}
            )
        if "car.count=1" in owner["tags"]:
            paid_on = "" if owner is owners[0] else "@-12"
            rows.append(place | {"item": "停车费", "period": "@-1m", "amount": "300", "due_on": "@+10", "paid_on": paid_on})
    return rows


def make_points(owners: list[Row]) -> list[Row]:
    """Make up points for some who follow, 张阿姨 among them."""
    random = Random(SEED)  # noqa: S311 - as above
    reasons = (("5", "参加清洁日"), ("10", "给业主报投稿"), ("2", "给服务打分"), ("-8", "换了一把雨伞"))
    rows = []
    for owner in [each for each in owners if each["openid"]][:25]:
        count = 4 if owner is owners[0] else random.randrange(1, 4)
        for day, (points, reason) in enumerate(reasons[:count]):
            rows.append({"phone": "", "openid": owner["openid"], "points": points, "reason": reason, "on": f"@-{40 - day * 9}"})
    return rows
