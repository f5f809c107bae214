-- Blobs and uploads, and the packages whose versions refer to them.
create table blobs (
  digest text primary key,
  length integer not null,
  created_at real not null
);

create table upload_sessions (
  upload_id text primary key,
  repo_key text not null,
  expected_digest text not null,
  expected_length integer not null,
  state text not null,
  created_at real not null
);

create table packages (
  id integer primary key,
  repo_id integer not null references repos (id),
  name text not null,
  created_at real not null
);

create table package_versions (
  id integer primary key,
  package_id integer not null references packages (id),
  version text not null,
  published_at real not null
);

create table artifact_entries (
  id integer primary key,
  version_id integer not null references package_versions (id),
  path text not null,
  blob_digest text not null
);

create table manifests (
  id integer primary key,
  version_id integer not null references package_versions (id),
  blob_digest text not null,
  body text not null
);
