-- Garbage collection and policy decisions.
create table gc_runs (
  id integer primary key,
  mode text not null,
  started_at real not null,
  finished_at real
);

create table policy_evaluations (
  id integer primary key,
  version_id integer not null,
  decision text not null,
  evaluated_at real not null
);
