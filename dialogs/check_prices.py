"""Whether a text names a price or a rebate, and whether a script makes one depend on who asks (D09). Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dialogs.check_names import list_uses
from dialogs.check_texts import list_texts
from dialogs.expressions import Expression
from dialogs.places import Problem
from dialogs.script import Compute, Do, Script, Step
from dialogs.tree import Literal, Name, walk

PRICE = re.compile(r"[¥￥]\s*\d|\d\s*(?:元|块钱|块/)|[一二三四五六七八九\d]\s*折|打折|特价|减免|优惠价|专享价")
PROFILE = ("tags", "consents")  # what scripts know of a person's profile
AMOUNTS = ("price", "amount", "fee", "total", "discount", "amount_fen", "price_fen")


def names_price(text: str) -> bool:
    """Tell whether a text names a price or a rebate."""
    return PRICE.search(text) is not None


def check_prices(script: Script) -> Iterator[Problem]:
    """Yield every place where a price would hang on a tag or a consent: the same thing costs everybody the same (D09)."""
    for step in script.steps:
        if any(_asks_profile(use.expression) for use in list_uses(step)) and _tells_price(step):
            message = f"'{step.id}' names a price and looks at tags: nobody pays more or less for what is known of her (D09)"
            yield Problem(step.place, "price_by_profile", message)


def _asks_profile(expression: Expression) -> bool:
    return any(isinstance(node, Name) and node.path[0] in PROFILE for node in walk(expression.node))


def _tells_price(step: Step) -> bool:
    if isinstance(step, Compute):
        return step.id in AMOUNTS
    if isinstance(step, Do):
        return any(name in AMOUNTS and _asks_profile(expression) for name, expression in step.args.items())
    return any(names_price(text.source) or any(map(_holds_price, text.list_expressions())) for text, _ in list_texts(step))


def _holds_price(expression: Expression) -> bool:
    texts = (node.value for node in walk(expression.node) if isinstance(node, Literal))
    return any(isinstance(value, str) and names_price(value) for value in texts)
