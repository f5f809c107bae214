-- Tenants, repositories and what everybody did.
create table tenants (
  id integer primary key,
  slug text not null unique,
  created_at real not null
);

create table repos (
  id integer primary key,
  tenant_id integer not null references tenants (id),
  repo_key text not null unique,
  repo_type text not null,
  created_at real not null
);

create table audit_log (
  id integer primary key,
  tenant_id integer not null,
  actor text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  details text not null default '{}',
  occurred_at real not null
);

create index audit_log_occurred_at on audit_log (occurred_at);
