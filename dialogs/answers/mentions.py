"""Which of the shown options a text mentions, and which of those it denies. Never guesses between two."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from dialogs.answers.base import Shown
from dialogs.times.words import MOST_SEARCHED, NUM
from dialogs.times.words import number as numeral

# 是不是漏水 asks, 不要漏水 denies
_ASKING = re.compile(r"(?:是不是|有没有|要不要|会不会|能不能)$")
_DENIED_BEFORE = re.compile(
    r"(?:不|没|无|除了?|取消|拒绝|(?<![特分级])别)(?:是|要|用|想|需要|太|再|有|怎么|会|选|算|在|做|来|感兴趣的?)*$"
)
_DENIED_AFTER = re.compile(r"\s*(?:不要|不用|不是|不行|不需要|不选|除外|就不|以外|不算)(?!紧)")
_LAST = {"最后一个", "最后一项", "最后那个"}
_PICK = re.compile(
    rf"(?:我?(?:要|选择?|想要)?(?:第|那就|就)?\s*)[(\[【]?(?P<number>{NUM})[)\]】]?\s*[.、:。]?\s*"
    rf"(?:个|项|号|种|条|吧|的|选项)*(?P<rest>.*)",
    re.DOTALL,
)


def folded(text: str) -> str:
    """Make two writings of one label comparable: case and blanks do not count."""
    return "".join(text.split()).lower()


_folded_name = lru_cache(maxsize=8_192)(folded)  # of options: the same hundreds, at every answer


def by_number(text: str, options: Sequence[Shown]) -> Shown | None:
    """Find the option whose shown number the whole text is: 1, 1., 第一个, 选1, or "1 its label"."""
    if options and text in _LAST:
        return options[-1]
    found = _PICK.fullmatch(text.strip())
    if not found:
        return None
    option = next((each for each in options if each.number == numeral(found["number"])), None)
    if option is None or folded(found["rest"]) not in {"", "吧", _folded_name(option.label)}:
        return None
    return option


def is_number_only(text: str) -> bool:
    """Tell whether a text is nothing but the choice of a number."""
    found = _PICK.fullmatch(text.strip())
    return found is not None and not found["rest"].strip()


def by_name(text: str, options: Sequence[Shown]) -> Shown | None:
    """Find the one option whose key, label or alias the whole text is, in that order."""
    wanted = folded(text)
    for names in (_keys, _labels, _aliases):
        found = [each for each in options if wanted in {_folded_name(name) for name in names(each)}]
        if len(found) == 1:
            return found[0]
    return None


def _keys(option: Shown) -> tuple[str, ...]:
    return (option.key,)


def _labels(option: Shown) -> tuple[str, ...]:
    return (option.label,)


def _aliases(option: Shown) -> tuple[str, ...]:
    return option.say


def mentioned(text: str, options: Sequence[Shown], *, shortest: int = 1) -> list[Shown]:
    """List the options whose label or alias stands in the text and is not denied; a longer name hides one inside it."""
    text = folded(text[:MOST_SEARCHED])
    spans = [span for option in options for span in _spans(text, option, shortest)]
    kept = [span for span in spans if not any(_hides(other, span) for other in spans)]
    chosen = {option.key for start, end, option in kept if not _is_denied(text, start, end)}
    return [option for option in options if option.key in chosen]


def containing(text: str, options: Sequence[Shown]) -> list[Shown]:
    """List the options of whose label or alias the text, at least two characters, is a part."""
    text = folded(text)
    if len(text) < 2:
        return []
    return [each for each in options if any(text in _folded_name(name) for name in (each.label, *each.say))]


def _spans(text: str, option: Shown, shortest: int) -> Iterator[tuple[int, int, Shown]]:
    for name in {_folded_name(each) for each in (option.label, *option.say)}:
        if len(name) >= max(shortest, 1) and name in text:
            for found in re.finditer(re.escape(name), text):
                yield found.start(), found.end(), option


def _hides(longer: tuple[int, int, Shown], span: tuple[int, int, Shown]) -> bool:
    is_around = longer[0] <= span[0] and span[1] <= longer[1]
    return is_around and longer[1] - longer[0] > span[1] - span[0]


def _is_denied(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 8) : start]
    if _DENIED_AFTER.match(text, end):
        return True
    return bool(_DENIED_BEFORE.search(before)) and not _ASKING.search(before)
