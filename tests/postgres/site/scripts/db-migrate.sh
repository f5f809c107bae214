# Applies what is not recorded yet. File and record are two steps: a kill between them leaves a
# migration applied but not recorded.
. scripts/database.sh

waited=0
until sql -Atqc 'select 1' >/dev/null 2>&1; do
  waited=$((waited + 1))
  if [ "$waited" -gt 120 ]; then
    echo 'Postgres did not become ready in time.' >&2
    exit 1
  fi
  sleep 1
done

sql -q <<'END'
set client_min_messages = warning;
create table if not exists schema_migrations (
  version text primary key,
  applied_at timestamptz not null default now()
);
END

for file in db/migrations/*.sql; do
  name=${file##*/}
  if [ "$(echo "select 1 from schema_migrations where version = :'name'" | sql -Atq -v name="$name")" ]; then
    echo "Skipping $name (already applied)."
  else
    echo "Applying $name..."
    sql -f "$file"
    echo "insert into schema_migrations (version) values (:'name')" | sql -v name="$name"
  fi
done
echo 'Migrations are up to date.'
