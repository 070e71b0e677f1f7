"""The words the demo community is made of: estates, surnames, given names. Pure data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estate:
    """One estate: buildings with units and storeys, the year it was handed over, how many of its people are known."""

    name: str
    buildings: tuple[tuple[str, int, int], ...]  # name, units, storeys
    handed_over: int
    people: int
    rented: float  # the share of homes with tenants
    elders: float  # the share of homes with someone over sixty


ESTATES = (
    Estate("阳光花园", (("1栋", 3, 11), ("2栋", 2, 18), ("3栋", 2, 18), ("5栋", 2, 11)), 2014, 72, 0.14, 0.34),
    Estate("锦绣江南", (("1栋", 2, 26), ("2栋", 2, 26), ("3栋", 3, 33), ("6栋", 2, 33)), 2009, 66, 0.18, 0.36),
    Estate("翠湖名邸", (("1栋", 1, 18), ("2栋", 1, 18), ("3栋", 2, 24)), 2019, 52, 0.12, 0.24),
    Estate("铁路新村", (("1栋", 4, 6), ("2栋", 4, 6), ("3栋", 3, 5)), 1992, 42, 0.26, 0.58),
    Estate("云栖雅苑", (("1栋", 2, 17), ("2栋", 2, 17), ("3栋", 1, 17)), 2026, 44, 0.04, 0.2),
    Estate("星河国际公寓", (("A座", 1, 22), ("B座", 1, 22)), 2022, 26, 0.42, 0.08),
)

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
ELDER_MEN = (
    "建国",
    "国强",
    "志明",
    "德福",
    "永康",
    "长顺",
    "福生",
    "振华",
    "文斌",
    "保田",
    "庆丰",
    "光明",
    "宝林",
    "树森",
    "大勇",
)
ELDER_WOMEN = (
    "桂芳",
    "秀英",
    "玉兰",
    "凤霞",
    "淑珍",
    "春梅",
    "素芬",
    "慧芳",
    "月娥",
    "桂香",
    "菊花",
    "玉珍",
    "美华",
    "兰英",
    "秋菊",
)
MEN = (
    "伟",
    "磊",
    "强",
    "军",
    "鹏",
    "浩然",
    "俊杰",
    "志远",
    "宇航",
    "晓东",
    "海涛",
    "立新",
    "文博",
    "子豪",
    "明辉",
    "嘉伟",
    "云飞",
    "一鸣",
    "建平",
    "泽宇",
)
WOMEN = (
    "静",
    "敏",
    "丽娟",
    "婷婷",
    "雪梅",
    "晓燕",
    "佳怡",
    "思琪",
    "海燕",
    "雅婷",
    "丽萍",
    "欣怡",
    "文静",
    "梦洁",
    "小红",
    "艳玲",
    "若曦",
    "春燕",
    "晓雯",
    "亚男",
)

SUPPLIERS = (
    ("老周家电维修", "zhou_repair"),
    ("洁净到家家政", "clean_home"),
    ("顺达汽车服务", "shunda_car"),
    ("山水旅行社", "shanshui_travel"),
    ("康乐居家养老", "kangle_care"),
    ("邻里鲜果蔬", "fresh_food"),
    ("学而乐托管", "happy_study"),
)

HOBBIES = ("广场舞", "厨艺", "足球", "羽毛球", "乒乓球", "太极", "书画", "阅读", "园艺", "摄影", "亲子")
ELDER_HOBBIES = ("广场舞", "厨艺", "太极", "书画", "园艺", "乒乓球")
TOPICS = ("travel", "car", "housing", "finance", "elderly", "delivery", "housekeeping", "education")
PLACES = ("厨房", "主卫", "阳台", "客厅", "次卧")
