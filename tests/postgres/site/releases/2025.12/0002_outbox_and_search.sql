-- What the worker drains.
create table outbox_events (
  event_id bigint generated always as identity primary key,
  event_type text not null,
  aggregate_id text not null,
  occurred_at timestamptz not null default now(),
  available_at timestamptz not null default now(),
  delivered_at timestamptz
);

create index outbox_events_pending on outbox_events (available_at) where delivered_at is null;

create table search_index_jobs (
  job_id bigint generated always as identity primary key,
  version_id bigint not null references package_versions (version_id),
  state text not null check (state in ('pending', 'done', 'failed')),
  failed_at timestamptz
);
