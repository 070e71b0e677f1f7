"""Private orders (R17, R31) are read by their own person and his leader only, also while nobody holds them."""

from __future__ import annotations

from dialogs import effects
from tests.handlers.offering import run
from tests.world import World


def test_a_private_order_nobody_holds_is_not_in_the_desks_list(world: World) -> None:
    world.owner("张阿姨", openid="zhang", phone="13800000001")
    world.staff("罗前台", "luo", role="service_desk", buildings=())
    no = run(world, "zhang", effects.BookOrder("elderly.mediation", note="跟儿子吵了")).result["no"]
    assert no not in world.say("luo", "任务")
    assert run(world, "luo", effects.AcceptTask(no)).reason == "unknown"
    world.staff("赵主管", "zhao", role="supervisor", buildings=())
    assert no in world.say("zhao", "任务")
    assert run(world, "zhao", effects.AcceptTask(no)).result["no"] == no
    assert not any("吵" in text for text in world.texts("luo"))
