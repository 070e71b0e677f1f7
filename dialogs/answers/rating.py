"""A rating from 1 to the question's highest (5): digits, stars, or words of satisfaction."""

import re
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, Shown, number_text, text_of, within
from dialogs.answers.mentions import by_name, by_number
from dialogs.answers.numerals import find_numbers
from dialogs.calendar import Calendar

_LEVELS = {  # out of five
    5: "非常满意 很满意 十分满意 特别满意 超级满意 太满意 特别好 非常好 很好 太好了 超好 完美 满分 非常棒 很棒 太棒了",
    4: "满意 挺满意 比较满意 较满意 好 挺好 挺好的 不错 很不错 还不错 可以 棒 较好 比较好",
    3: "一般 还行 还可以 凑合 普通 一般般 马马虎虎 过得去 中等 基本满意 还好 说得过去",
    2: "不满意 不太满意 不好 差 较差 比较差 不太好 不怎么样 不行 有点差 不大满意",
    1: "非常不满意 很不满意 十分不满意 极不满意 很差 非常差 极差 太差 太差了 特别差 最差 差劲 差评 糟糕 太糟糕",
}
_WORDS = {word: level for level, words in _LEVELS.items() for word in words.split()}
_STARS = re.compile(r"(?:[★⭐🌟✨]\s?)+[☆\s]*")
_SCORE = re.compile(
    r"(?:我?(?:打|给|评|选)?(?:个)?)\s*(?P<score>\d{1,3}(?:\.\d)?|[零一二两三四五六七八九]|十)\s*(?:颗?星级?|分|/\d+)?(?:吧|啊|了|好评)?[。.!]?"
)
_IN_SENTENCE = re.compile(r"(?P<score>\d{1,2}|[一二两三四五六七八九]|十)(?:颗?星|分(?!钟|之|\d))(?!级酒店)")
_TAIL = re.compile(r"[的了吧呀啊呢哦,。.!!,\s]+$")


class Rating:
    """Reads a rating; its value is an int, its label the value with 分 or the option's own label."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as a rating: `out_of_range`, `not_an_integer`, `unrecognised`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        option = by_number(text, question.options) or by_name(text, question.options)
        if option and option.key.isdecimal():
            return Accepted(int(option.key), option.label)
        found = _score(text, _highest(question))
        return Rejected("unrecognised") if found is None else _checked(found, question)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the only score of a sentence that carries 星 or 分."""
        found = _IN_SENTENCE.findall(sentence)
        answer = _checked(_number(found[0]), question) if len(found) == 1 else None
        return answer if isinstance(answer, Accepted) else None


def _highest(question: Question) -> int:
    return int(question.max) if question.max is not None else 5


def _score(text: str, highest: int) -> float | None:
    """Return the score a text gives; words of satisfaction are stretched from five levels to the scale."""
    if _STARS.fullmatch(text):
        return sum(char in "★⭐🌟✨" for char in text)
    found = _SCORE.fullmatch(text)
    if found:
        return _number(found["score"])
    level = _WORDS.get(text) or _WORDS.get(_TAIL.sub("", text))
    return max(1, round(level * highest / 5)) if level else None


def _number(text: str) -> float:
    return float(next((value for _, _, value in find_numbers(text)), 0))


def _checked(score: float, question: Question) -> Accepted | Rejected:
    bounds = Question(question.type, min=question.min if question.min is not None else 1, max=_highest(question))
    if score % 1:
        return Rejected("not_an_integer")
    outside = within(score, bounds)
    if outside:
        return outside
    labels = [each.label for each in question.options if _is_key(each, int(score))]
    return Accepted(int(score), labels[0] if labels else f"{number_text(int(score))}分")


def _is_key(option: Shown, score: int) -> bool:
    return option.key == str(score)
