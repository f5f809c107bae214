-- What the worker drains.
create table outbox_events (
  id integer primary key,
  event_type text not null,
  aggregate_id text not null,
  occurred_at real not null,
  available_at real not null,
  delivered_at real
);

create index outbox_events_pending on outbox_events (available_at) where delivered_at is null;

create table search_index_jobs (
  id integer primary key,
  version_id integer not null,
  state text not null,
  attempts integer not null default 0,
  created_at real not null,
  finished_at real
);

create index search_index_jobs_state on search_index_jobs (state);
