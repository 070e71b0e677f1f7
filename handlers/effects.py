"""Which use case runs which effect of a conversation. The table is the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dialogs import effects, effects_register, effects_tags
from dialogs.inputs import Ran, Refused
from handlers import (
    bills,
    binding,
    complaints,
    confirmations,
    handovers,
    homes,
    offer_goods,
    offers,
    orders,
    points,
    profile,
    register_phones,
    staff_codes,
    subscriptions,
    tags,
    tasks,
)
from handlers.desk import Desk

EFFECTS: Mapping[type, Callable[[Desk, Any], Ran | Refused]] = {
    effects.BookOrder: orders.book_order,
    effects.FindOffers: offers.find_offers,
    effects.PriceCart: offer_goods.price_cart,
    effects.RecallOrder: offer_goods.recall_order,
    effects.ReturnLoan: offers.return_loan,
    effects.FindBills: bills.find_bills,
    effects.ListPoints: points.list_points,
    effects.ShowProfile: profile.show_profile,
    effects.CorrectName: profile.correct_name,
    effects_register.ChooseHome: homes.choose_home,
    effects_register.SetPhone: register_phones.set_phone,
    effects_register.TakeStaffCode: staff_codes.take_code,
    effects.CancelOrder: orders.cancel_order,
    effects.ListCancellable: orders.list_cancellable,
    effects.FileComplaint: complaints.file_complaint,
    effects.LeaveFeedback: complaints.leave_feedback,
    effects.BindRoom: binding.bind_room,
    effects.HandOver: handovers.hand_over,
    effects.TakeBack: handovers.take_back,
    effects.StopPushes: subscriptions.stop_pushes,
    effects.ResumePushes: subscriptions.resume_pushes,
    effects.ListProgress: confirmations.list_progress,
    effects.ConfirmSolved: confirmations.confirm_solved,
    effects.ListTasks: tasks.list_tasks,
    effects.AcceptTask: tasks.accept_task,
    effects.CompleteTask: tasks.complete_task,
    effects.TransferTask: tasks.transfer_task,
    effects.AttachPhoto: tasks.attach_photo,
    effects.ReplyToOwner: tasks.reply_to_owner,
    effects_tags.FindOwners: tags.find_owners,
    effects_tags.ShowTags: tags.show_tags,
    effects_tags.TagOwner: tags.tag_owner,
    effects_tags.DecideTag: tags.decide_tag,
    effects_tags.UndoTags: tags.undo_tags,
}
STAFF_ONLY = (
    effects.ReturnLoan,
    effects.ListTasks,
    effects.AcceptTask,
    effects.CompleteTask,
    effects.TransferTask,
    effects.AttachPhoto,
    effects.ReplyToOwner,
    *effects_tags.TagEffect.__args__,
    effects_register.SetPhone,
)


def perform(desk: Desk, effect: effects.Effect) -> Ran | Refused:
    """Run an effect in the turn's transaction. Staff effects are refused to everybody else, whatever a script says."""
    if isinstance(effect, STAFF_ONLY) and desk.person.staff_id is None:
        return Refused("forbidden")
    return EFFECTS[type(effect)](desk, effect)
