-- What a deployment of some age has in its database; :digest is that of the admin token.
insert into personal_access_tokens (token_digest, subject, scopes) values
  (:'digest', 'ops@example.org', array['repo:*:admin']);

insert into audit_log (actor, action, resource, occurred_at)
select 'ci@example.org', 'package.published', 'package-' || n % 40, now() - n * interval '7 minutes'
from generate_series(1, 600) as n;

insert into package_versions (package, version, published_at)
select 'package-' || n % 40, '1.' || n / 40 || '.0', now() - n * interval '11 minutes'
from generate_series(0, 1999) as n;

insert into outbox_events (event_type, aggregate_id, occurred_at, available_at, delivered_at)
select 'version.published', version_id::text, published_at, published_at, published_at + interval '9 seconds'
from package_versions;

insert into search_index_jobs (version_id, state, failed_at)
select version_id,
  case when version_id % 1000 = 1 then 'failed' else 'done' end,
  case when version_id % 1000 = 1 then published_at end
from package_versions;

insert into gc_runs (mode, started_at, completed_at)
select 'sweep', now() - n * interval '1 day', now() - n * interval '1 day' + interval '3 minutes'
from generate_series(1, 12) as n;
