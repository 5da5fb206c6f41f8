"""The endpoints of office hours: schedules, and each schedule's exceptions."""

from intercom_kit.sandbox import versions
from intercom_kit.sandbox.call import Call
from intercom_kit.sandbox.contents.record import Record
from intercom_kit.sandbox.errors import not_found


def list_schedules(call: Call) -> Record:
    versions.require(call.version, (2, 16))
    schedules = call.workspace.simple["office_hours_schedules"].records()
    return {"type": "office_hours_schedule.list", "data": list(schedules)}


def show_schedule(call: Call) -> Record:
    versions.require(call.version, (2, 16))
    schedule = call.workspace.simple["office_hours_schedules"].get(call.path["id"])
    if schedule is None:
        raise not_found()
    return schedule


def list_exceptions(call: Call) -> Record:
    return {"type": "office_hours_exception.list", "data": _exceptions(call)}


def show_exception(call: Call) -> Record:
    for exception in _exceptions(call):
        if exception["id"] == call.path["exception"]:
            return exception
    raise not_found()


def _exceptions(call: Call) -> list[Record]:
    """Return the exceptions of a schedule; raise a 404 if there is no such schedule."""
    id_ = str(show_schedule(call)["id"])
    exceptions = call.workspace.simple["office_hours_exceptions"].records()
    return [exception for exception in exceptions if str(exception.get("office_hours_schedule_id")) == id_]
