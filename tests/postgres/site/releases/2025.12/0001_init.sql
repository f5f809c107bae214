-- Tokens (only their digests), what everybody did, and what was published.
create table personal_access_tokens (
  token_digest text primary key,
  subject text not null,
  scopes text[] not null,
  issued_at timestamptz not null default now()
);

create table audit_log (
  audit_id bigint generated always as identity primary key,
  actor text not null,
  action text not null,
  resource text not null,
  occurred_at timestamptz not null default now()
);

create index audit_log_occurred_at on audit_log (occurred_at);

create table package_versions (
  version_id bigint generated always as identity primary key,
  package text not null,
  version text not null,
  published_at timestamptz not null default now(),
  unique (package, version)
);
