-- Retention by repository, and one row per version from now on.
create table retention_policies (
  id integer primary key,
  repo_id integer not null references repos (id),
  keep_versions integer not null,
  created_at real not null
);

insert into retention_policies (repo_id, keep_versions, created_at)
select id, 50, created_at from repos;

create unique index package_versions_identity on package_versions (package_id, version);

update search_index_jobs set priority = 1 where state = 'pending';
