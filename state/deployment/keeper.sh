#!/bin/sh
# keeper.sh DIR CMD...: runs CMD and keeps its exit status in DIR/exit, whatever becomes of the console.
# Output, input and the lock come from whoever starts it: the lock is held as long as anything of the run lives.
# In a directory that is shared with a group, the group reads what the run writes.
d=$1; shift; umask 077; [ ! -g "$d" ] || umask 027
# HUP stays ignored for CMD too; TERM and INT are only ignored here, so that CMD's end can still be written.
trap '' HUP; trap : TERM INT
# Without a pid nobody could tell afterwards that CMD ever ran: then it does not run.
echo $$ >"$d/pid" || exit 125
"$@"; rc=$?
# Written aside and renamed: an exit status is there whole, or not at all. Room for it was kept: not cut first.
echo "$rc" 1<>"$d/exit.tmp" && { sync "$d/exit.tmp" "$d" 2>/dev/null || sync; mv -f "$d/exit.tmp" "$d/exit"; sync "$d" 2>/dev/null; }
exit "$rc"
