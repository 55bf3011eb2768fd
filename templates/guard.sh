# Runs a step's script once for an attempt:
#   sh guard.sh JOB_FILE SCRIPT FOLDER ID_VARIABLES [NAME_VARIABLES [BASH_ENV [LOGIN]]]
#
# ID_VARIABLES: names of variables, the first of which that has a value holds the job's id; or =ID, the id itself.
# NAME_VARIABLES: those with the job's name, from which the mark of the submission is taken off.
# BASH_ENV: its value; the guard itself runs without it.
# LOGIN: the scheduler started a login shell of bash, and so the script gets one.
#
# The first copy of a job to come here makes the job file. The conductor reads there what became of the attempt:
#   pid N, job ID, host NAME    claimed by this process of this job
#   again                       the scheduler ran the same job once more
#   began N                     when the script began, in seconds since 1970
#   ended N, exit N             when it ended, and its exit code
# Another job that comes later ends with 96 and changes nothing. 97: the folder or the file is out of reach, and the
# script did not run. All variables have a prefix: one of the user's may be exported.

# A shell reads a group before it runs it: the file may be gone by then.
{
  maestro_file=$1 maestro_script=$2 maestro_folder=$3 maestro_job=''
  case $4 in
    =*) maestro_job=${4#=} ;;
    *)
      for maestro_word in $4; do
        eval "maestro_job=\${$maestro_word-}"
        [ -z "$maestro_job" ] || break
      done
      ;;
  esac
  # The script finds what plain submission gives it.
  for maestro_word in ${5-}; do
    eval "[ -z \"\${$maestro_word-}\" ] || $maestro_word=\${$maestro_word%+*}"
  done
  if [ $# -gt 5 ]; then
    if [ -n "$6" ]; then BASH_ENV=$6; else unset BASH_ENV; fi
  fi

  maestro_fail() {
    echo "maestro: $1: the step was not run" >&2
    exit 97
  }

  # Adds lines. On a full disk it is written as soon as there is space; if the study is gone, nobody wants it.
  maestro_note() {
    # What was cut short before stays on a line of its own.
    maestro_before=''
    while [ -e "$maestro_file" ] && ! printf '%s%s\n' "$maestro_before" "$1" >>"$maestro_file"; do
      maestro_before='
'
      sleep 5
    done 2>/dev/null
  }

  # A scheduler may run a job elsewhere when it cannot enter the folder. OLDPWD stays what it was.
  if ! [ "$maestro_folder" -ef . ] 2>/dev/null; then
    maestro_word=${OLDPWD-}
    cd -P "$maestro_folder" 2>/dev/null || maestro_fail "cannot enter $maestro_folder on $(uname -n)"
    if [ -n "$maestro_word" ]; then OLDPWD=$maestro_word; else unset OLDPWD; fi
  fi

  if (set -C; : >"$maestro_file") 2>/dev/null; then
    if ! printf 'pid %s\njob %s\nhost %s\nbegan %s\n' \
      "$$" "$maestro_job" "$(uname -n)" "$(date +%s)" 2>/dev/null >>"$maestro_file"; then
      read -r maestro_word <"$maestro_file"
      [ "$maestro_word" = void ] || rm -f "$maestro_file"
      maestro_fail "cannot write $maestro_file"
    fi
    # A conductor makes a file void that stays empty for minutes: the first line decides.
    until read -r maestro_word <"$maestro_file"; do
      [ -e "$maestro_file" ] || maestro_fail "$maestro_file is gone"
      sleep 1
    done 2>/dev/null
    if [ "$maestro_word" != "pid $$" ]; then
      echo "maestro: $maestro_file is void: the step was not run" >&2
      exit 96
    fi
  elif [ -f "$maestro_file" ]; then
    maestro_word=$(sed -n 's/^job //p' "$maestro_file")
    if [ -z "$maestro_job" ] || [ "$maestro_word" != "$maestro_job" ]; then
      echo "maestro: $maestro_file is claimed by ${maestro_word:-another}: the step was not run a second time" >&2
      exit 96
    fi
    maestro_note "again
began $(date +%s)"
  else
    maestro_fail "cannot make $maestro_file"
  fi

  # What shells say of children that a signal ended is not the script's.
  exec 9>&2 2>/dev/null

  # Some signals reach this shell alone (sbatch --signal=B:USR1@60): they are passed on, and the script's end is waited
  # for. Others reach every process of the job, the script and the witness included: they are not passed on, for the
  # script would get them twice.
  #
  # bash may lose how a child ended, for a signal that comes at the same time: `wait` then answers anything, or waits for
  # its other children. So a child of this shell, which waits in the foreground, runs the script and writes its exit code,
  # and `wait` is only called while that child is there.
  maestro_signals='HUP INT QUIT ALRM TERM USR1 USR2 XCPU XFSZ VTALRM PROF'
  maestro_child='' maestro_code='' maestro_early='' maestro_witness=''
  maestro_pass() {
    if [ -z "$maestro_child" ]; then
      maestro_early="$maestro_early $1"
      return
    fi
    if [ -n "$maestro_witness" ]; then
      for maestro_try in 1 2 3 4 5; do
        maestro_lives || break
        sleep 0.1 || sleep 1
      done
      maestro_lives || { maestro_watch; return; }
    fi
    maestro_send "$1"
  }
  # The script is the child of the child, as soon as there is one.
  maestro_send() {
    while kill -0 "$maestro_child"; do
      maestro_target=$(grep -Els "^PPid:[[:space:]]*$maestro_child\$" /proc/[0-9]*/status)
      maestro_target=${maestro_target%%/status*}
      if [ -n "$maestro_target" ]; then
        kill -s "$1" "${maestro_target#/proc/}"
        return
      fi
      [ -e /proc/self/status ] || return
      sleep 0.1 || sleep 1
    done
  }
  # Whether the witness is there, and no zombie.
  maestro_lives() {
    kill -0 "$maestro_witness" && ! grep -q '^State:.Z' "/proc/$maestro_witness/status"
  }
  # The witness ends when this shell does. Where there is no GNU tail, there is none.
  maestro_watch() {
    tail --pid=$$ --version >/dev/null || return
    # shellcheck disable=SC2086
    env $maestro_fresh tail --pid=$$ -s 60 -f /dev/null </dev/null >/dev/null 9>&- &
    maestro_witness=$!
  }
  for maestro_word in $maestro_signals; do
    # shellcheck disable=SC2064
    trap "maestro_pass $maestro_word" "$maestro_word"
  done

  # A shell has what runs beside it ignore INT and QUIT, and cannot undo it. Where the job ignores them itself, so does
  # the script.
  maestro_fresh=INT,QUIT
  case $(sed -n 's/^SigIgn:.*\(.\)$/\1/p' "/proc/$$/status") in
    [67ef]) maestro_fresh='' ;;
    [23ab]) maestro_fresh=QUIT ;;
    [45cd]) maestro_fresh=INT ;;
  esac
  if [ -n "$maestro_fresh" ]; then
    if env --default-signal="$maestro_fresh" true; then
      maestro_fresh=--default-signal=$maestro_fresh
    elif perl -e 1; then
      # shellcheck disable=SC2016
      maestro_fresh='perl -e $SIG{$_}="DEFAULT"for(split(/,/,shift));exec{$ARGV[0]}@ARGV;exit(127) '$maestro_fresh
    else
      maestro_fresh=''
    fi
  fi
  maestro_watch
  # bash counts itself; and env would take a path with a = in it for a variable.
  maestro_word=''
  [ -z "${BASH_VERSION-}" ] || maestro_word=SHLVL=$((SHLVL - 1))
  case $maestro_fresh in
    perl*) maestro_fresh="$maestro_word $maestro_fresh" ;;
    *) maestro_fresh="$maestro_fresh $maestro_word nice -n 0" ;;
  esac
  [ -z "${7-}" ] || maestro_fresh="$maestro_fresh $BASH -l"
  (
    # shellcheck disable=SC2064,SC2086
    trap : $maestro_signals
    # shellcheck disable=SC2086
    env $maestro_fresh "$maestro_script" </dev/null 2>&9 9>&-
    maestro_code=$?
    maestro_note "ended $(date +%s)
exit $maestro_code"
    exit "$maestro_code"
  ) &
  maestro_child=$!
  # They came before there was a child.
  for maestro_word in $maestro_early; do maestro_send "$maestro_word"; done
  while kill -0 "$maestro_child"; do
    wait "$maestro_child"
    maestro_code=$?
  done
  [ -n "$maestro_code" ] || { wait "$maestro_child"; maestro_code=$?; }
  maestro_child=''
  [ -z "$maestro_witness" ] || kill -s KILL "$maestro_witness"
  maestro_word=$(tail -n 1 "$maestro_file")
  case $maestro_word in
    "exit "*) maestro_code=${maestro_word#exit } ;;
    *)
      # A signal ended the child before it could write.
      case $maestro_code in '' | *[!0-9]*) maestro_code=127 ;; esac
      maestro_note "ended $(date +%s)
exit $maestro_code"
      ;;
  esac
  exit "$maestro_code"
}
