# Backs up, restores into DRILL_DB, compares row counts, and writes the report with the durations.
. scripts/database.sh
drill=${DRILL_DB:-${PGDATABASE}_drill}
report=${REPORT_PATH:-docs/reports/phase6-rto-rpo-drill-latest.md}
rto=${RTO_TARGET_SECONDS:-900}
rpo=${RPO_TARGET_SECONDS:-300}
BACKUP_PATH=${BACKUP_PATH:-/tmp/artifortress-phase6-drill-$(date +%Y%m%d-%H%M%S).sql}
export BACKUP_PATH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

began=$(date +%s)
row_counts "$PGDATABASE" >"$work/before"
echo '[phase6-drill] Starting backup step...'
sh scripts/db-backup.sh
backed_up=$(date +%s)
row_counts "$PGDATABASE" >"$work/after"
echo "[phase6-drill] Starting restore step into '$drill'..."
RESTORE_PATH=$BACKUP_PATH TARGET_DB=$drill sh scripts/db-restore.sh
ended=$(date +%s)
row_counts "$drill" >"$work/restored"

# The source goes on living while it is dumped: right is any count between the two.
awk -F'|' 'part == 1 { before[$1] = $2 } part == 2 { after[$1] = $2 } part == 3 { restored[$1] = $2 }
  END { for (table in before)
    if (!(table in restored) || restored[table] < before[table] || restored[table] > after[table])
      print "- count mismatch on " table ": source=" before[table] ", drill=" restored[table] }' \
  part=1 "$work/before" part=2 "$work/after" part=3 "$work/restored" >"$work/mismatches"

verdict=PASS rto_verdict=PASS rpo_verdict=PASS
[ -s "$work/mismatches" ] && verdict=FAIL
[ $((ended - began)) -gt "$rto" ] && rto_verdict=FAIL
[ $((backed_up - began)) -gt "$rpo" ] && rpo_verdict=FAIL
mkdir -p -- "$(dirname -- "$report")"
{
  echo '# Phase 6 RPO/RTO Drill Report'
  echo
  echo "- source DB: \`$PGDATABASE\`"
  echo "- drill DB: \`$drill\`"
  echo "- backup file: \`$BACKUP_PATH\`"
  echo "- backup duration (seconds): $((backed_up - began))"
  echo "- restore duration (seconds): $((ended - backed_up))"
  echo "- total drill duration (seconds): $((ended - began))"
  echo "- RPO status: $rpo_verdict"
  echo "- RTO status: $rto_verdict"
  echo "- data verification: $verdict"
  cat "$work/mismatches"
} >"$report"
echo "[phase6-drill] Report written to $report"
case $verdict$rto_verdict$rpo_verdict in
  *FAIL*) echo '[phase6-drill] Drill failed.' >&2; exit 1 ;;
esac
echo '[phase6-drill] Drill passed.'
