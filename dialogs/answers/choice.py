"""One of the shown options: by its number, key, label or alias, or by a name only one of them has."""

from datetime import datetime

from dialogs.answers.base import Accepted, Heard, Question, Rejected, Shown, text_of
from dialogs.answers.mentions import by_name, by_number, containing, is_number_only, mentioned
from dialogs.calendar import Calendar


class Choice:
    """Reads one option; its value is the option's key."""

    def read(self, heard: Heard, question: Question, now: datetime, calendar: Calendar) -> Accepted | Rejected:
        """Read a message as one option: `ambiguous` (with the tied labels), `out_of_range`, `unrecognised`."""
        text = text_of(heard)
        if isinstance(text, Rejected):
            return text
        found = pick(text, question.options)
        return found if isinstance(found, Rejected) else accepted(found)

    def extract(self, sentence: str, question: Question, now: datetime, calendar: Calendar) -> Accepted | None:
        """Find the only option a sentence mentions without denying it."""
        found = mentioned(sentence, question.options, shortest=2)
        return accepted(found[0]) if len(found) == 1 else None


def accepted(option: Shown) -> Accepted:
    """Return the option as an answer."""
    return Accepted(option.key, option.label)


def pick(text: str, options: tuple[Shown, ...]) -> Shown | Rejected:
    """Choose the option a text means, in the order number, key, label, alias, unique containment."""
    exact = by_number(text, options) or by_name(text, options)
    if exact:
        return exact
    if is_number_only(text):
        numbers = [each.number for each in options]
        return Rejected("out_of_range", {"min": str(min(numbers, default=0)), "max": str(max(numbers, default=0))})
    found = mentioned(text, options) or containing(text, options)
    if len(found) == 1:
        return found[0]
    return Rejected("ambiguous", {"options": "、".join(each.label for each in found)}) if found else Rejected("unrecognised")
