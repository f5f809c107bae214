-- Bearer tokens; only their digests are kept.
create table personal_access_tokens (
  id integer primary key,
  tenant_id integer not null,
  subject text not null,
  token_digest text not null unique,
  scopes text not null,
  issued_at real not null,
  expires_at real
);
