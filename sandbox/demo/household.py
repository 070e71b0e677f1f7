"""Makes up one home and what is known of its people, so that the tags fit together. Pure but for its random source."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sandbox.demo.names import ELDER_HOBBIES, HOBBIES, TOPICS, Estate

TODAY = date(2026, 11, 1)  # the day the demo stands at: stages and ages are counted from here
Tags = list[tuple[str, str]]


@dataclass
class Home:
    """What everyone in one home shares."""

    use: str
    structure: str
    members: int
    moved_in_on: date | None
    tags: Tags
    has_elder: bool


def make_home(random: Random, estate: Estate) -> Home:
    """Make up one home of an estate."""
    use = _use(random, estate)
    structure = "单身" if use == "办公" else _structure(random, estate)
    has_elder = structure in {"三代", "与父母同住"} or (use != "出租" and random.random() < estate.elders)
    if has_elder and structure.endswith(("孩", "孩以上")):
        structure = "三代"
    members = {"单身": 1, "夫妻": 2, "夫妻+1孩": 3, "夫妻+2孩以上": 4, "三代": 5, "与父母同住": 3, "其他": 2}[structure]
    home = Home(use, structure, members, _moved_in(random, estate), [("house.use", use)], has_elder)
    if use in {"自住", "出租"}:
        home.tags += [*_family(random, home), *_children(random, home), *_car(random, estate), *_pet(random, structure)]
    home.tags += _renovation(random, home)
    return home


def _use(random: Random, estate: Estate) -> str:
    roll = random.random()
    if roll < estate.rented:
        return "出租"
    if roll < estate.rented + 0.05:
        return "空置"
    return "办公" if "公寓" in estate.name and roll > 0.85 else "自住"


def _structure(random: Random, estate: Estate) -> str:
    kinds = ("单身", "夫妻", "夫妻+1孩", "夫妻+2孩以上", "三代", "与父母同住", "其他")
    weights = (6, 4, 1, 0, 0, 0, 1) if "公寓" in estate.name else (2, 6, 7, 3, 5, 2, 1)
    return random.choices(kinds, weights)[0]


def _moved_in(random: Random, estate: Estate) -> date | None:
    if estate.handed_over == 2026:  # newly handed over: many are about to move in, some have no date yet
        roll = random.random()
        return None if roll < 0.12 else date(2026, 3, 1) + timedelta(days=random.randrange(0, 400))
    if random.random() < 0.24:  # bought second-hand in the last two years
        return TODAY - timedelta(days=random.randrange(10, 730))
    first = date(estate.handed_over, 6, 1)
    return first + timedelta(days=int((TODAY - first).days * random.random() ** 2 * 0.85))


def _some(random: Random, share: float, *tags: tuple[str, str]) -> Tags:
    return list(tags) if random.random() < share else []


def _family(random: Random, home: Home) -> Tags:
    tags = _some(random, 0.8, ("family.structure", home.structure))
    tags += _some(random, 0.5, ("family.members", str(home.members)))
    if not home.has_elder:
        return tags + _some(random, 0.5, ("elder.has", "无"))
    alone = home.structure in {"单身", "夫妻"}
    tags += [("elder.has", "有"), ("elder.living", "独居" if alone and random.random() < 0.7 else "同住")]
    tags += _some(random, 0.6, ("elder.phone_skill", random.choice(("每天", "偶尔", "不用"))))
    needs = random.sample(("陪聊", "体检", "助餐", "课程", "助行"), random.randrange(0, 3))
    return tags + [("elder.need", need) for need in needs]


def _children(random: Random, home: Home) -> Tags:
    count = {"夫妻+1孩": 1, "夫妻+2孩以上": 2, "三代": random.choice((0, 1, 1, 2))}.get(home.structure, 0)
    stages = ("0-3", "幼", "小", "初", "高", "成")
    first = random.choices(range(6), (3, 4, 7, 3, 3, 2))[0]
    picked = {first, max(0, first - random.randrange(1, 3))} if count == 2 else ({first} if count else set())
    return [("child.stage", stages[index]) for index in sorted(picked)]


def _car(random: Random, estate: Estate) -> Tags:
    old = estate.handed_over < 2000
    count = random.choices(("0", "1", "2+"), (5, 4, 0) if old else (3, 7, 2))[0]
    tags: Tags = [("car.count", count)]
    if count == "0":
        return tags + _some(random, 0.3, ("car.intent", random.choice(("学", "买"))))
    tags += [("car.power", random.choices(("油", "电", "混"), (6, 3, 1))[0])]
    tags += [("car.space", random.choices(("自有", "租", "无"), (0, 2, 5) if old else (5, 3, 2))[0])]
    tags += _some(random, 0.6, ("car.inspect_month", str(random.randrange(1, 13))))
    tags += _some(random, 0.5, ("car.insure_month", str(random.randrange(1, 13))))
    tags += _some(random, 0.4, ("car.plate_tail", str(random.randrange(10))))
    return tags + _some(random, 0.12, ("car.intent", "换"))


def _pet(random: Random, structure: str) -> Tags:
    kind = random.choices(("无", "犬", "猫", "其他"), (50, 24, 20 if structure == "单身" else 14, 4))[0]
    tags: Tags = [("pet.kind", kind)]
    if kind == "犬":
        tags += [("pet.size", random.choices(("小", "中", "大"), (6, 3, 1))[0])]
        tags += _some(random, 0.5, ("pet.need", random.choice(("洗护", "寄养", "医疗", "遛"))))
    return tags + (_some(random, 0.4, ("pet.need", random.choice(("洗护", "寄养", "医疗")))) if kind == "猫" else [])


def _renovation(random: Random, home: Home) -> Tags:
    new = home.moved_in_on is None or home.moved_in_on > TODAY - timedelta(days=240)
    if new:
        state = random.choices(("未装", "在装", "已装"), (4, 4, 3))[0]
        plan: Tags = [("reno.plan", random.choice(("半年", "一年")))] if state == "未装" else []
        return [("reno.state", state), *plan]
    ends = home.moved_in_on and home.moved_in_on.replace(day=1, year=home.moved_in_on.year + 5)
    warranty: Tags = [("warranty.end", ends.isoformat())] if ends and ends > TODAY else []
    return [*_some(random, 0.4, ("reno.state", "已装")), *_some(random, 0.25, ("reno.plan", "无")), *warranty]


def personal_tags(random: Random, age: int, relation: str) -> Tags:
    """Make up what is known of one person beside the home: hobbies, travel, buying, reach, and staff's notes."""
    tags = _some(random, 0.6, ("family.role", relation))
    pool = ELDER_HOBBIES if age >= 58 else HOBBIES
    tags += [("hobby", hobby) for hobby in random.sample(pool, random.choice((0, 1, 1, 2, 3)))]
    tags += _some(random, 0.1, ("skill", random.choice(("可教", "可演", "可修"))))
    tags += _some(random, 0.1, ("volunteer.hours", str(random.randrange(2, 60, 2))))
    tags += _travel(random, age) if random.random() < 0.5 else []
    return [*tags, *_buying(random), *_reach(random, age), *_notes(random, relation)]


def _travel(random: Random, age: int) -> Tags:
    freq = random.choices(("0", "1-2", "3-4", "5+"), (2, 6, 3, 1))[0]
    if freq == "0":
        return [("travel.freq", freq)]
    styles = ("跟团", "半自助", "自驾", "自由行")
    style = random.choices(styles, (5 if age >= 58 else 1, 2, 4, 3))[0]
    return [
        ("travel.freq", freq),
        ("travel.range", random.choice(("本省", "周边", "长途", "出境"))),
        ("travel.style", style),
    ]


def _buying(random: Random) -> Tags:
    tags: Tags = []
    if random.random() < 0.5:
        picked = random.sample(("生鲜", "粮油", "日用", "母婴", "家电"), random.randrange(1, 3))
        tags += [*(("buy.category", each) for each in picked), ("buy.freq", random.choice(("日", "周", "周", "月")))]
        tags += _some(random, 0.5, ("buy.band", random.choice(("免费", "≤5", "6-15", "16-30", "30+"))))
        tags += _some(random, 0.3, ("buy.trust", str(random.randrange(1, 6))))
    tags += _some(random, 0.5, ("parcel.week", random.choices(("0-2", "3-5", "6+"), (5, 4, 2))[0]))
    return tags + _some(random, 0.25, ("delivery.willing", random.choice(("免费", "1元", "2元", "不需要"))))


def _reach(random: Random, age: int) -> Tags:
    tags = _some(random, 0.6, ("reach.channel", "电话" if age >= 66 and random.random() < 0.5 else "微信"))
    tags += _some(random, 0.2, ("reach.hours", random.choice(("晚上7点后", "周末", "上午", "随时"))))
    tags += [("reach.topics", topic) for topic in random.sample(TOPICS, random.choice((0, 0, 1, 2, 3)))]
    return tags + _some(random, 0.3, ("reach.freq", random.choice(("周", "周", "月", "日"))))


def _notes(random: Random, relation: str) -> Tags:
    tags = _some(random, 0.4, ("rel.owner_attitude", random.choices(("支持", "中立", "不满"), (5, 4, 1))[0]))
    tags += _some(random, 0.15, ("rel.influence", str(random.randrange(4))))
    tags += _some(random, 0.05, ("rel.vip", random.choice(("业委会", "社团", "重点投诉", "员工"))))
    if relation == "业主":
        tags += _some(random, 0.6, ("pay.fee", random.choices(("正常", "欠费"), (9, 1))[0]))
    states = ("有效", "空号", "停机", "错号", "拒接", "待核")
    return tags + _some(random, 0.5, ("phone.state", random.choices(states, (40, 1, 1, 1, 1, 2))[0]))
