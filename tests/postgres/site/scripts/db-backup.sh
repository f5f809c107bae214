# Dumps the database as plain SQL. Besides pg_dump's status it only looks whether anything was written:
# where pg_dump fails half-way the half file stays.
. scripts/database.sh
target=${BACKUP_PATH:-/tmp/artifortress-backup-$(date +%Y%m%d-%H%M%S).sql}
mkdir -p -- "$(dirname -- "$target")"
echo "Creating Postgres backup for database '$PGDATABASE' at '$target'..."
pg_dump --verbose --no-owner --no-privileges >"$target"
test -s "$target" || { echo "Backup file was created but is empty: $target" >&2; exit 1; }
echo "Backup completed: $target"
