# Runs a step's script once for an attempt: sh guard.sh JOB_FILE SCRIPT [JOB_ID]
#
# The first copy of a job to come here makes the job file, where whoever conducts the study reads what became of it:
#   pid N, job ID, host NAME    claimed by this process of this job
#   again                       the scheduler ran the same job once more
#   began N                     when the script began, in seconds since 1970
#   ended N, exit N             when it ended, and its exit code
# Another job that comes later ends with 96 and touches nothing. 97: the file could not be made, the script did not run.
file=$1 script=$2 job=$3
: "${job:=$SLURM_JOB_ID}" "${job:=$LSB_JOBID}" "${job:=$PBS_JOBID}" "${job:=$FLUX_ENCLOSING_ID}" "${job:=$JOB_ID}"

# Adds lines. On a full disk it is written as soon as there is space; if the study is gone, nobody wants it.
note() {
  # What was cut short before stays on a line of its own.
  before=''
  while [ -e "$file" ] && ! printf '%s%s\n' "$before" "$1" >>"$file"; do
    before='
'
    sleep 5
  done 2>/dev/null
}

if (set -C; : >"$file") 2>/dev/null; then
  if ! printf 'pid %s\njob %s\nhost %s\nbegan %s\n' "$$" "$job" "$(uname -n)" "$(date +%s)" 2>/dev/null >>"$file"; then
    rm -f "$file"
    echo "maestro: cannot write $file: the step was not run" >&2
    exit 97
  fi
elif [ -f "$file" ]; then
  claimed=$(sed -n 's/^job //p' "$file")
  if [ -z "$job" ] || [ "$claimed" != "$job" ]; then
    echo "maestro: $file is claimed by ${claimed:-another}: the step was not run a second time" >&2
    exit 96
  fi
  note "again
began $(date +%s)"
else
  echo "maestro: cannot make $file: the step was not run" >&2
  exit 97
fi

# Some signals reach this shell alone (sbatch --signal=B:USR1@60). The script is told, and its end waited for.
child='' code='' told=''
for signal in HUP INT TERM USR1 USR2; do
  # shellcheck disable=SC2064
  trap "told=$signal; [ -z \"\$child\" ] || kill -$signal \$child 2>/dev/null" $signal
done
"$script" </dev/null &
child=$!
# One may have come before there was a child to tell.
[ -z "$told" ] || kill -"$told" "$child" 2>/dev/null
while :; do
  told=''
  wait "$child"
  now=$?
  # A shell that has given the code away already knows nothing more: 127.
  if [ -z "$code" ] || [ "$now" != 127 ]; then code=$now; fi
  [ -n "$told" ] || break
done
child=''
note "ended $(date +%s)
exit $code"
exit "$code"
