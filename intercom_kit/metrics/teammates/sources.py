"""What activity logs tell of teammates: when each was away, and since when that is known."""

# One row per change, of an entry that says so; `how` is who made it. The SQL takes {since} and {until}, of which
# Intercom's list of logs needs the first.
# UNCONFIRMED [away-by]: whose entry it is if somebody else set a teammate away; here that of performed_by.
AWAY_STATES = """changes as (
    select performed_by_id as admin_id, created_at, away_mode, away_status_reason as reason,
        case
            when auto_changed then 'inactivity'
            when update_by_id <> performed_by_id then 'somebody else'
            else 'teammate'
        end as how,
        lead(created_at) over (partition by performed_by_id order by created_at, away_mode desc, id) as next_at
    from activity_logs
    where activity_type = 'admin_away_mode_change' and away_mode is not null
        and created_at >= {since} and created_at < {until}
),
-- Entries within five seconds are duplicates: the last one counts.
away_states as (
    select *
    from changes
    where next_at is null or next_at > created_at + interval 5 seconds
)"""
