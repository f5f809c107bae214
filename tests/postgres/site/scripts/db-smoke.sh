# The required tables exist.
. scripts/database.sh
for table in schema_migrations personal_access_tokens audit_log package_versions outbox_events \
  search_index_jobs gc_runs; do
  if [ -z "$(echo "select to_regclass(:'name')" | sql -Atq -v name="public.$table")" ]; then
    echo "Missing required table: $table" >&2
    exit 1
  fi
done
echo "DB smoke passed. Applied migrations: $(sql -Atqc 'select count(*) from schema_migrations')"
