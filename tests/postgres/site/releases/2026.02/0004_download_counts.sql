-- Class A, expand only: the previous release ignores the new column and table.
alter table package_versions add column downloads bigint not null default 0;

create table download_counts (
  version_id bigint primary key references package_versions (version_id),
  counted_on date not null,
  downloads bigint not null
);

create index package_versions_downloads on package_versions (downloads);
