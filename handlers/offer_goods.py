"""A cart out of a sentence: which goods, how many, what it comes to; and what she had last time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import select

from dialogs import effects
from dialogs.answers.numerals import find_numbers
from dialogs.inputs import Ran, Refused
from dialogs.times.find import find_times
from handlers.desk import Desk
from handlers.offers import list_open, render_yuan
from models.cases import CaseStatus, Order
from models.offers import Booking, Offer, count_taken, find_left

MOST_PIECES = 99
AS_BEFORE = ("上次", "上回", "老样子", "照旧", "一样")
_BETWEEN = re.compile(r"[、，,;；。!！\n]|和|还有|再来|再要|外加|另外|\s+")
_MEASURE = re.compile(
    r"(公斤|千克|毫升|kg|ml|斤|克|升|袋|桶|包|箱|盒|瓶|提|份|个|只|条|块|把|支|罐|打|件|板|卷|筐|捆|根|颗|串|壶|样)?",
    re.IGNORECASE,
)
_SIZES = ("公斤", "千克", "毫升", "kg", "ml", "斤", "克", "升")
_SIZE = re.compile(rf"\d+(?:\.\d+)?(?:{'|'.join(_SIZES)})", re.IGNORECASE)
_LEAD = re.compile(r"^(麻烦|请|帮我|给我|我|家里|想要|想|还要|要|买|来|订|送|拿|就|再|的|各)+")
_TAIL = re.compile(r"(吧|呢|啊|哦|谢谢|就行|就好|[×xX*])+$")
_BRACKETS = re.compile(r"[(（].*?[)）]")


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing as said: its words, and how many (None where no number was said)."""

    words: str
    quantity: int | None = None


@dataclass(slots=True)
class Cart:
    """What a sentence holds: goods by code, words that may mean several goods, words that mean none."""

    lines: dict[str, int] = field(default_factory=dict)
    unsure: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    other: list[str] = field(default_factory=list)


def price_cart(desk: Desk, effect: effects.PriceCart) -> Ran | Refused:
    """Read a sentence against the goods on offer and price it (R22)."""
    offers = {offer.code: offer for offer in list_open(desk, effect.kind, effect.service)}
    text = effect.before if effect.before and any(word in effect.text for word in AS_BEFORE) else effect.text
    cart = read_cart(_without_times(desk, text), {offer.code: offer.title for offer in offers.values()})
    taken = count_taken(desk.tx, [offer.id for offer in offers.values()])
    wanted = [(offers[code], quantity) for code, quantity in cart.lines.items()]
    short = [_render_short(desk, offer, taken.get(offer.id, 0), quantity) for offer, quantity in wanted]
    unsure = [desk.say("cart.unsure", words=words, titles="、".join(titles)) for words, titles in cart.unsure]
    prices = [offer.price_fen for offer, _ in wanted]
    total = sum((offer.price_fen or 0) * quantity for offer, quantity in wanted)
    return Ran(
        {
            "count": len(wanted),
            "items": [{"offer": offer.code, "title": offer.title, "quantity": quantity} for offer, quantity in wanted],
            "text": "\n".join(_render_line(desk, offer, quantity) for offer, quantity in wanted),
            "total": render_yuan(total) if prices and None not in prices else "",
            "other": "、".join(cart.other),
            "unclear": "\n".join((*unsure, *filter(None, short))),
        }
    )


def _without_times(desk: Desk, text: str) -> str:
    """Return a sentence without its dates and times: 明天十点 is no quantity."""
    mentions = find_times(text, desk.runtime.local(desk.now), desk.runtime.content.calendar)
    for mention in reversed(mentions):
        text = f"{text[: mention.start_index]}，{text[mention.end_index :]}"
    return text


def _render_line(desk: Desk, offer: Offer, quantity: int) -> str:
    amount = render_yuan(offer.price_fen * quantity) if offer.price_fen is not None else ""
    return desk.say("cart.line", title=offer.title, quantity=quantity, unit=offer.unit, amount=amount)


def _render_short(desk: Desk, offer: Offer, taken: int, quantity: int) -> str:
    left = find_left(offer, taken)
    is_short = left is not None and left < quantity
    return desk.say("cart.short", title=offer.title, left=left, unit=offer.unit) if is_short else ""


def recall_order(desk: Desk, effect: effects.RecallOrder) -> Ran | Refused:
    """Find what the person ordered last, in words that `price_cart` reads (R22 reorder-last)."""
    statement = (
        select(Order)
        .where(Order.openid == desk.openid, Order.service == effect.service, Order.status != CaseStatus.CANCELLED.value)
        .order_by(Order.id.desc())
        .limit(1)
    )
    order = desk.session.scalar(statement)
    if order is None:
        return Ran({"count": 0, "text": "", "no": ""})
    rows = desk.session.execute(
        select(Offer.title, Booking.quantity, Offer.unit)
        .join(Booking, Booking.offer_id == Offer.id)
        .where(Booking.order_id == order.id)
        .order_by(Booking.id)
    ).all()
    text = "、".join(f"{title}{quantity}{unit}" for title, quantity, unit in rows)
    return Ran({"count": len(rows), "text": text, "no": order.no})


def read_cart(sentence: str, titles: dict[str, str]) -> Cart:
    """Read goods and quantities out of a sentence; `titles` are the goods by code. Pure."""
    cart = Cart()
    for piece in split_pieces(sentence):
        codes = _match(piece.words, titles)
        if len(codes) == 1:
            cart.lines[codes[0]] = min(cart.lines.get(codes[0], 0) + (piece.quantity or 1), MOST_PIECES)
        elif codes:
            cart.unsure.append((piece.words, tuple(titles[code] for code in codes)))
        else:
            cart.other.append(piece.words if piece.quantity is None else f"{piece.words}×{piece.quantity}")
    return cart


def split_pieces(sentence: str) -> list[Piece]:
    """Cut a sentence into things with their quantities: 一袋米两桶水 -> 米 1, 水 2. A number alone belongs to its neighbour."""
    pieces: list[Piece] = []
    pending: int | None = None
    for part in (each for whole in _BETWEEN.split(sentence) for each in _split_counted(_strip(whole))):
        words, quantity = _read_piece(part)
        if words:
            pieces.append(Piece(words, pending if quantity is None else quantity))
            pending = None
        elif quantity is not None and pieces and pieces[-1].quantity is None:
            pieces[-1] = Piece(pieces[-1].words, quantity)
        else:
            pending = quantity if quantity is not None else pending
    return pieces


def _split_counted(part: str) -> list[str]:
    """Cut 一袋米两桶水 before each quantity, 米一袋水两桶 behind each."""
    counts = _find_counts(part)
    if len(counts) < 2:
        return [part]
    starts_with_number = not part[: counts[0][0]].strip()
    cuts = [start for start, _, _ in counts[1:]] if starts_with_number else [end for _, end, _ in counts[:-1]]
    return [part[a:b] for a, b in pairwise([0, *cuts, len(part)])]


def _read_piece(part: str) -> tuple[str, int | None]:
    """Return the words of a part without its quantity, and the quantity, None where none was said."""
    counts = _find_counts(part)
    if not counts:
        return _strip(part), None
    start, end, quantity = counts[0]
    return _strip(part[:start]) + _strip(part[end:]), quantity


def _find_counts(part: str) -> list[tuple[int, int, int]]:
    """Return (start, end, number) of every quantity with its measure; sizes (5公斤) only where nothing else is counted."""
    counts: list[tuple[int, int, int]] = []
    sizes: list[tuple[int, int, int]] = []
    for start, end, value in find_numbers(part):
        unit = _MEASURE.match(part, end)
        if value != value.to_integral_value() or value < 1:
            continue
        found = (start, unit.end() if unit else end, min(int(value), MOST_PIECES))
        (sizes if unit and unit.group() in _SIZES else counts).append(found)
    return counts or sizes


def _strip(text: str) -> str:
    return _TAIL.sub("", _LEAD.sub("", text.strip())).strip()


def _match(words: str, titles: dict[str, str]) -> Sequence[str]:
    """Return the codes that words mean: the goods named in full first, longest name first, else those that hold the words."""
    cores = {code: _BRACKETS.sub("", title).strip() for code, title in titles.items()}
    exact = [code for code, title in titles.items() if words in (title, cores[code])]
    if exact:
        return exact
    named = sorted((code for code, core in cores.items() if core and core in words), key=lambda code: -len(cores[code]))
    if named:
        return named[:1]
    said = _SIZE.sub("", _BRACKETS.sub("", words)).strip() or words
    return [code for code, title in titles.items() if said in title]
