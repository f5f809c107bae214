-- Garbage collection.
create table gc_runs (
  gc_run_id bigint generated always as identity primary key,
  mode text not null,
  started_at timestamptz not null default now(),
  completed_at timestamptz
);
