-- Class C, contracting: the previous release reads this column, and needs a restore to come back.
update search_index_jobs set state = 'failed' where failed_at is not null;

alter table search_index_jobs drop column failed_at;
