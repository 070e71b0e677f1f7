"""Makes up what residents asked for and complained about in the last year. Pure but for its random source."""

from random import Random
from typing import Any

from sandbox.demo.names import PLACES

ORDERS = 62
COMPLAINTS = 20
STORY_HOME = ("阳光花园", "1栋")  # whose butler begins the guide's story with empty hands

ASKED: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    (
        "housekeeping.utilities",
        12,
        ("{place}水龙头关不严,一直滴水", "{place}下水道堵了", "{place}暖气不热", "{place}跳闸,灯都不亮了"),
    ),
    ("base.public_repair", 8, ("楼道灯不亮", "单元门关不上", "电梯里有异响", "地下车库积水")),
    ("housekeeping.appliances", 6, ("空调不制冷", "冰箱有响声", "洗衣机不排水", "油烟机要清洗")),
    ("housekeeping.hourly", 6, ("周末要个钟点工,三小时", "想约一次擦玻璃", "搬家后要深度保洁")),
    ("delivery.last_mile", 5, ("快递太重,麻烦送上门", "有两个快递在驿站,请代取")),
    ("delivery.daily_goods", 4, ("订一桶水,再加一袋米", "要两箱牛奶")),
    ("delivery.group_buying", 3, ("中秋月饼团购,要两盒", "端午粽子礼盒一份")),
    ("housekeeping.recycling", 3, ("家里有一堆纸箱要回收", "旧电视想换新")),
    ("elderly.companionship", 3, ("想请人陪我妈聊聊天,每周一次", "老人一个人在家,有空来看看")),
    ("elderly.checkup", 2, ("帮两位老人约体检",)),
    ("car.inspection", 3, ("车要年审了,想代办", "下个月审车,帮我约一下")),
    ("car.repair", 2, ("轮胎扎了,能上门补吗",)),
    ("car.insurance", 2, ("车险快到期了,帮我比比价",)),
    ("education.tutoring", 3, ("孩子初二数学想补一补", "找个英语老师,周末上课")),
    ("education.hobbies", 2, ("想给孩子报书法班",)),
    ("travel.domestic", 3, ("国庆想去九寨沟,两大一小", "想带爸妈去海南过冬")),
    ("travel.self_drive", 1, ("想参加周末自驾",)),
    ("housing.agency", 2, ("房子想租出去,两室一厅", "帮我问问小区里有没有要卖的一楼")),
    ("housing.renovation", 2, ("想重新刷一下墙", "卫生间想翻新")),
    ("base.decoration_permit", 3, ("要装修了,来办手续",)),
    ("base.goods_pass", 3, ("周六搬家具出去,要放行条",)),
    ("base.cart", 2, ("借一下小推车",)),
    ("base.spare_parts", 2, ("借一把梯子",)),
    ("finance.bill_payment", 2, ("代缴一下电费",)),
)
COMPLAINED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("noise", ("装修周末也不停,太吵了", "广场舞音响开得太大")),
    ("neighbour", ("楼上半夜总有响声,睡不着", "隔壁把鞋柜摆在楼道里")),
    ("parking", ("我的车位又被别人停了", "消防通道停满了车")),
    ("sanitation", ("楼道垃圾两天没人收", "电梯里有异味", "垃圾桶旁边招苍蝇")),
    ("security", ("外人随便进单元门", "电动车推上楼充电,太危险")),
    ("facility", ("单元门禁坏了一周", "健身器材松了,怕伤着孩子")),
    ("staff", ("门岗师傅说话态度不好", "报修三天了还没人来")),
    ("pets", ("有人遛狗不牵绳", "草坪上狗屎没人管")),
    ("other", ("水电公摊怎么这么多",)),
)


def make_history(random: Random, owners: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return past orders (with a service) and complaints (with a category) of followers, the oldest first."""
    people = [row["openid"] for row in owners if row["openid"]]
    asked = [_order(random, people) for _ in range(ORDERS)]
    complained = [_complaint(random, people) for _ in range(COMPLAINTS)]
    at_home = {row["openid"] for row in owners if (row["community"], row["building"]) == STORY_HOME}
    rows = sorted([*asked, *complained], key=lambda row: -row["days_ago"])
    return [{**row, "status": "done"} if row["status"] == "open" and row["openid"] in at_home else row for row in rows]


def _days_ago(random: Random) -> int:
    return int(1 + 340 * random.random() ** 1.8)


def _order(random: Random, people: list[str]) -> dict[str, Any]:
    service, _, texts = random.choices(ASKED, [weight for _, weight, _ in ASKED])[0]
    text = random.choice(texts).format(place=random.choice(PLACES))
    days_ago = _days_ago(random)
    status = "open" if days_ago <= 4 else random.choices(("done", "closed"), (9, 1))[0]
    row = {"openid": random.choice(people), "service": service, "category": None, "text": text, "days_ago": days_ago}
    return {**row, "status": status, **_rating(random, status)}


def _complaint(random: Random, people: list[str]) -> dict[str, Any]:
    category, texts = random.choice(COMPLAINED)
    days_ago = _days_ago(random)
    status = "open" if days_ago <= 5 else random.choices(("closed", "done"), (3, 2))[0]
    row = {"openid": random.choice(people), "service": None, "category": category, "text": random.choice(texts)}
    return {**row, "days_ago": days_ago, "status": status, **_rating(random, status)}


def _rating(random: Random, status: str) -> dict[str, int]:
    if status == "open" or random.random() < 0.3:
        return {}
    return {"rating": random.choices((5, 4, 3, 2, 1), (10, 6, 2, 1, 1))[0]}
