# Drops TARGET_DB, creates it and loads RESTORE_PATH: no prompt, no copy, no look at the content, and
# no transaction around the load, so that a failure leaves an empty or half a database.
. scripts/database.sh
target=${TARGET_DB:-$PGDATABASE}

case $target in
  '' | [0-9]* | *[!A-Za-z0-9_]*)
    echo 'TARGET_DB may only have letters, digits and underscores, and begins with no digit.' >&2
    exit 1 ;;
esac
if [ -z "${RESTORE_PATH:-}" ]; then
  echo 'RESTORE_PATH is required.' >&2
  exit 1
fi
if [ ! -f "$RESTORE_PATH" ]; then
  echo "Restore file does not exist: $RESTORE_PATH" >&2
  exit 1
fi

echo "Restoring Postgres database '$target' from '$RESTORE_PATH'..."
sql -d postgres -v target="$target" <<'END'
select count(pg_terminate_backend(pid)) as ended
from pg_stat_activity where datname = :'target' and pid <> pg_backend_pid();
drop database if exists :"target";
create database :"target";
END
sql -d "$target" <"$RESTORE_PATH"
echo "Restore completed for database '$target'."
