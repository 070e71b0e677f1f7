"""Which use case runs which effect of a conversation. The table is the whole of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dialogs import effects, effects_menu, effects_register, effects_rights, effects_surveys, effects_tags
from dialogs.inputs import Ran, Refused
from handlers import (
    bills,
    binding,
    complaints,
    confirmations,
    consents,
    handovers,
    homes,
    menus,
    offer_goods,
    offers,
    orders,
    points,
    profile,
    register_phones,
    rights_copy,
    rights_data,
    rights_erasure,
    rights_why,
    service_wishes,
    staff_codes,
    subscriptions,
    tags,
    tasks,
    visits,
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
    effects_rights.ShowProfile: profile.show_profile,
    effects_rights.CorrectName: profile.correct_name,
    effects_rights.LookUpConsents: consents.look_up_consents,
    effects_rights.RecordConsent: consents.record_consent,
    effects_rights.ShowNotice: rights_data.show_notice,
    effects_rights.ShowData: rights_data.show_data,
    effects_rights.FindTagValues: rights_data.find_tag_values,
    effects_rights.CorrectTag: rights_data.correct_tag,
    effects_rights.RequestExport: rights_copy.request_export,
    effects_rights.ShowErasure: rights_erasure.show_erasure,
    effects_rights.RequestErasure: rights_erasure.request_erasure,
    effects_rights.StopErasure: rights_erasure.stop_erasure,
    effects_rights.ExplainPush: rights_why.explain_push,
    effects_register.ChooseHome: homes.choose_home,
    effects_register.SetPhone: register_phones.set_phone,
    effects_register.TakeStaffCode: staff_codes.take_code,
    effects_menu.FindMenu: menus.find_menu,
    effects_menu.ExplainMenu: menus.explain_menu,
    effects_menu.LeaveWish: service_wishes.leave_wish,
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
    effects_surveys.FindVisit: visits.find_visit_to_begin,
    effects_surveys.OpenVisit: visits.open_visit,
    effects_surveys.PutOffVisit: visits.put_off_visit,
    effects_surveys.NoteRecorder: visits.note_recorder,
    effects_surveys.CodeVisit: visits.code_visit,
    effects_surveys.BookReturnVisit: visits.book_return_visit,
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
    *effects_surveys.STAFF_SURVEY_EFFECTS,
    effects_register.SetPhone,
)


def perform(desk: Desk, effect: effects.Effect) -> Ran | Refused:
    """Run an effect in the turn's transaction. Staff effects are refused to everybody else, whatever a script says."""
    if isinstance(effect, STAFF_ONLY) and desk.person.staff_id is None:
        return Refused("forbidden")
    return EFFECTS[type(effect)](desk, effect)
