-- Expand only: the previous release ignores the new column and table.
alter table search_index_jobs add column priority integer not null default 0;

create table search_rankings (
  version_id integer primary key,
  downloads integer not null default 0,
  updated_at real not null
);

insert into search_rankings (version_id, updated_at)
select id, published_at from package_versions;

create index search_rankings_downloads on search_rankings (downloads);
