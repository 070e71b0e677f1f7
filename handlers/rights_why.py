"""Why a push came to her: the audience it was for, in words (D22)."""

from __future__ import annotations

from sqlalchemy import select

from dialogs import effects_rights
from dialogs.inputs import Ran, Refused
from handlers.desk import Desk
from handlers.pushes import read_audience
from models.audience.describe import describe_node
from models.audience.errors import AudienceError
from models.audience.fields import BUILT_IN
from models.audience.nodes import And, Condition, Everyone, Node, Not, Operator, Or
from models.campaigns import Campaign, Delivery
from models.outbox import SendStatus
from models.personal import HOLDINGS, find_person

# A leased one is on its way: it may be on her screen before its sender has written down that it went.
ARRIVED = (SendStatus.LEASED.value, SendStatus.SENT.value, SendStatus.DELIVERED.value, SendStatus.UNKNOWN.value)


def explain_push(desk: Desk, effect: effects_rights.ExplainPush) -> Ran | Refused:
    """Tell of the newest push that reached her when it came and for whom it was meant."""
    hers = HOLDINGS["delivery"].find(find_person(desk.session, desk.openid))
    statement = select(Campaign, Delivery.sent_at, Delivery.due_at).join(Delivery, Delivery.campaign_id == Campaign.id)
    found = desk.session.execute(
        statement.where(hers, Delivery.status.in_(ARRIVED)).order_by(Delivery.id.desc()).limit(1)
    ).first()
    if found is None:
        return Ran({"count": 0, "text": "", "at": "", "why": ""})
    campaign, sent_at, due_at = found
    at = desk.runtime.local(sent_at or due_at)
    text = campaign.text.strip().split("\n")[0][:40]
    return Ran({"count": 1, "text": text, "at": desk.say("data.day", month=at.month, day=at.day), "why": _tell(desk, campaign)})


def _tell(desk: Desk, campaign: Campaign) -> str:
    """Return the audience as people say it; an expression that nobody can read any more as it was written."""
    try:
        return _speak(desk, read_audience(desk.runtime, campaign.audience).node)
    except AudienceError:
        return campaign.audience


def _speak(desk: Desk, node: Node) -> str:
    match node:
        case Everyone():
            return desk.say("why.everyone")
        case And(items=items):
            return desk.say("why.and").join(_speak(desk, each) for each in items)
        case Or(items=items):
            return desk.say("why.or").join(_speak(desk, each) for each in items)
        case Not(item=item):
            return desk.say("why.not", what=_speak(desk, item))
        case Condition():
            return _speak_condition(desk, node)
        case _:
            return describe_node(node)


def _speak_condition(desk: Desk, node: Condition) -> str:
    """Return the word that staff use for it (养犬), else the field's name and its values."""
    vocabulary = desk.runtime.content.vocabulary
    for word in vocabulary.aliases:
        if read_audience(desk.runtime, word).node == node:
            return word
    key, field = vocabulary.keys.get(node.field), BUILT_IN.get(node.field)
    label = key.label if key else field.words[0] if field and field.words else node.field
    values = "、".join(str(each) for each in node.values)
    if node.operator in (Operator.EQUAL, Operator.IN):
        return desk.say("why.is", label=label, values=values)
    if node.operator in (Operator.NOT_EQUAL, Operator.NOT_IN):
        return desk.say("why.not", what=desk.say("why.is", label=label, values=values))
    return describe_node(node).replace(node.field, label)
