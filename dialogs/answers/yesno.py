"""Yes or no, in the words people use."""

import re
from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, Shown, text_of
from dialogs.answers.mentions import by_name, by_number, folded
from dialogs.calendar import Calendar

_YES_WORDS = """
是 对 好 可以 行 嗯 要 ok okay yes y yeah 好的 没问题 没有问题 是的 对的 确认 确定 同意 愿意 需要 当然 必须 没错
正确 有 有的 中 得 成 恩 可 能 会 想 在 方便 接受 要的 好嘞 好滴 好哒 行吧 嗯嗯 恩恩 好好 对对 是是 是是是
对对对 好好好 可以可以 没毛病 妥 妥了 当然可以 当然要 好啊 有空 👌 👍 ✅ 🆗 ✓ √ ✔
"""
_NO_WORDS = """
不 否 不是 不要 不用 不行 没有 没 no n nope 不需要 不太需要 不怎么需要 不同意 不愿意 不想 不会 不能 不方便 算了
不了 别 拒绝 不接受 不可以 不好 不对 错 错了 还没 还没有 未 无 没空 不在 不必 不确认 取消 不不 不不不 不用了
不要了 不必了 没呢 不太方便 暂时不用 暂不 暂时不 先不 先不用 先不要 👎 ❌ 🙅 ✗ ✘ ×
"""
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())
_YES_AGAIN = re.compile(f"(?:{'|'.join(map(re.escape, sorted(_YES, key=len, reverse=True)))})+")  # 是的没错
_NO_AGAIN = re.compile(f"({'|'.join(map(re.escape, sorted(_NO, key=len, reverse=True)))})\\1+")  # 不要不要
_TAIL = re.compile(r"[的了吧呀啊呢哦哈嘞啦滴噢喔额呃嘛哟~!。.!～]+$")
_CLAUSE = re.compile(r"[,，。!！;；、\s~]+")
_YES_KEYS = {"yes", "true", "y", "1", "ok"}
_NO_KEYS = {"no", "false", "n", "0"}


class YesNo:
    """Reads a yes or a no; its value is a bool, its label the option's or the person's own word."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as yes or no; `ambiguous` where it says both, `unrecognised` where it says neither."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        option = by_number(text, question.options) or by_name(text, question.options)
        said = _meaning_of_option(option) if option else None
        if option and said is not None:
            return Accepted(said, option.label)
        whole = meaning_of(text)
        if whole is not None:
            return _accepted(whole, question, text)
        meanings = {meaning for clause in _CLAUSE.split(text) if (meaning := meaning_of(clause)) is not None}
        if len(meanings) != 1:
            return Rejected("ambiguous" if meanings else "unrecognised")
        return _accepted(meanings.pop(), question, text)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find nothing: a 好 or 不 inside a first sentence answers no question yet asked."""
        return None


def meaning_of(clause: str) -> bool | None:
    """Return whether one clause means yes or no; None for anything else (不知道, 不好意思)."""
    word = folded(clause)
    for form in (word, _TAIL.sub("", word)):
        if form in _YES:
            return True
        if form in _NO:
            return False
    if _YES_AGAIN.fullmatch(word):
        return True
    return False if _NO_AGAIN.fullmatch(word) else None


def _meaning_of_option(option: Shown) -> bool | None:
    if option.key.lower() in _YES_KEYS:
        return True
    return False if option.key.lower() in _NO_KEYS else meaning_of(option.label)


def _accepted(said: bool, question: Question, text: str) -> Accepted:
    labels = [each.label for each in question.options if _meaning_of_option(each) is said]
    return Accepted(said, labels[0] if labels else text[:20])
