"""The table `calls`: phone calls, which Intercom lists by the conversations that they belong to.

UNCONFIRMED [calls]: everything here follows Intercom's API description 2.16; no recording of a real answer is public.
"""

from intercom_kit.tables.columns import Column, Kind
from intercom_kit.tables.table import Key, Listing, Paging, Table

CALLS = Table(
    name="calls",
    row="one phone call of one conversation",
    key="id",
    changed="updated_at",
    order="initiated_at desc, id desc",
    keys=(Key("conversation_id", "conversation", parameter="conversation_ids", every="conversations", at_a_time=20),),
    example="conversations c join calls k on k.conversation_id = c.id where c.source_type = 'phone_call'",
    listing=Listing("/calls/search", "data", Paging.WHOLE, method="POST"),
    main=(
        *("id", "conversation_id", "contact_id", "admin_id", "direction", "state", "ended_reason"),
        *("initiated_at", "answered_at", "ended_at"),
    ),
    notes=("Calls follow Intercom's description of its API alone: their values were never seen in a real workspace.",),
    columns=(
        Column("id", Kind.ID, "Intercom's id"),
        Column("conversation_id", Kind.ID, "id of the conversation"),
        Column("contact_id", Kind.ID, "id of the contact"),
        Column("admin_id", Kind.ID, "id of the admin", names=("admins",)),
        Column("call_type", Kind.TEXT, "phone …; the values are not documented"),
        Column("direction", Kind.TEXT, "inbound or outbound"),
        Column("state", Kind.TEXT, "completed …; the values are not documented"),
        Column("ended_reason", Kind.TEXT, "why it ended, if anything says so; the values are not documented"),
        Column("initiated_at", Kind.TIME, "when it began to ring, or to be answered by a recorded menu"),
        Column("answered_at", Kind.TIME, "when a teammate answered; missing if nobody did"),
        Column("ended_at", Kind.TIME, "when it ended"),
        Column("created_at", Kind.TIME, "when it was recorded"),
        Column("updated_at", Kind.TIME, "when it last changed"),
        Column("phone", Kind.TEXT, "phone number of the other side, E.164", personal="phone"),
        Column("recording_url", Kind.TEXT, "API address of the recording", personal="address"),
        Column("transcription_url", Kind.TEXT, "API address of the transcript", personal="address"),
        Column("fin_recording_url", Kind.TEXT, "API address of the recording of Fin's part", personal="address"),
        Column("fin_transcription_url", Kind.TEXT, "API address of the transcript of Fin's part", personal="address"),
        Column("transcript_status", Kind.TEXT, "completed … if there is a transcript"),
        Column("transcript", Kind.JSON, "its lines, a JSON list; empty if there is none", personal="attributes"),
    ),
)
