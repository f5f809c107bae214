# Read by the other scripts: which database they work on.
set -eu
PGDATABASE=${POSTGRES_DB:-artifortress}
export PGDATABASE

# psql without anybody's settings file, ending at the first error.
sql() {
  psql -X -v ON_ERROR_STOP=1 "$@"
}

# One row a table: its name, a bar, its number of rows.
row_counts() {
  sql -Atq -d "$1" <<'END'
select format('select %L, count(*) from %I', tablename, tablename)
from pg_tables where schemaname = 'public' order by tablename \gexec
END
}
