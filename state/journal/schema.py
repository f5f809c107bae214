"""The tables of `journal.db`, as numbered migrations; `user_version` counts those applied."""

#: "DBjl" in ASCII: tells a journal from any other SQLite file, an empty one included.
APPLICATION_ID = 0x44426A6C

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """create table epochs (
             epoch integer primary key,
             at real not null,
             actor text not null,
             pid integer not null
           ) strict""",
        """create table events (
             seq integer primary key,
             epoch integer not null references epochs (epoch),
             at real not null,
             kind text not null,
             version integer not null,
             actor text not null,
             body text not null,
             prev text not null,
             hash text not null unique
           ) strict, without rowid""",
        """create trigger events_guard before insert on events begin
             select raise(abort, 'another console has taken over')
               where new.epoch is not (select max(epoch) from epochs);
             select raise(abort, 'does not extend the chain')
               where new.seq is not (select coalesce(max(seq), 0) + 1 from events)
                  or new.prev is not coalesce(
                       (select hash from events order by seq desc limit 1), 'genesis');
           end""",
        """create trigger events_keep before update on events begin
             select raise(abort, 'events are never changed');
           end""",
        """create trigger events_stay before delete on events begin
             select raise(abort, 'events are never deleted');
           end""",
        """create trigger epochs_rise before insert on epochs begin
             select raise(abort, 'epochs only rise')
               where new.epoch is not (select coalesce(max(epoch), 0) + 1 from epochs);
           end""",
        """create trigger epochs_keep before update on epochs begin
             select raise(abort, 'epochs are never changed');
           end""",
        """create trigger epochs_stay before delete on epochs begin
             select raise(abort, 'epochs are never deleted');
           end""",
    ),
)
