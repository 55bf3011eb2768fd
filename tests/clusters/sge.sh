#!/bin/bash
# A real Grid Engine (Debian's Son of Grid Engine), all on this machine, without systemd.
#
#   sge.sh up | down | status
#   sge.sh master stop|start         sge_qmaster: only qacct goes on
#   sge.sh exec stop|kill|start      sge_execd; kill: with all that runs
#
# Run as root on Debian. `up` installs what is missing, configures, starts, and waits until a job has run. A
# second `up` does nothing. There is one host with queue all.q of eight slots and parallel environments smp and mpi.
# User alice may run jobs, root may not (min_uid). qacct knows a job a second after its end. Processes are ended by pid file.
set -euo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive
export SGE_ROOT=/var/lib/gridengine SGE_CELL=default

RUN=/run/maestro-sge
HOST=$(uname -n)
HOST=${HOST%%.*}
SELF=$(readlink -f "$0")
cd /

die() { echo "sge.sh: $*" >&2; exit 1; }

# pid of FILE, if the process of that number is NAME
pid_of() {
  local pid
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] && echo "$pid"
}

# stop FILE NAME [SIGNAL]
stop() {
  local pid tries=0
  if pid=$(pid_of "$1" "$2"); then
    kill -"${3:-TERM}" "$pid" 2>/dev/null || true
    while [ "$(pid_of "$1" "$2")" ] && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null; do
      tries=$((tries + 1))
      if [ $tries = 150 ]; then kill -KILL "$pid" 2>/dev/null || true; fi
      if [ $tries = 200 ]; then die "$2 does not end"; fi
      sleep 0.1
    done
  fi
  rm -f "$1"
}

# until_true WHAT COMMAND...: a minute at most
until_true() {
  local what=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { tail -n 20 /var/spool/gridengine/*/messages /var/spool/gridengine/*/*/messages >&2 2>/dev/null; die "$what does not work: $*"; }
    sleep 0.2
  done
}

install_packages() {
  local missing='' package policy=/usr/sbin/policy-rc.d ours=
  # gridengine-common wants a mailx; this one brings no mail server.
  for package in gridengine-common gridengine-client gridengine-master gridengine-exec mailutils; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "installing$missing"
  for package in gridengine-common gridengine-client gridengine-master gridengine-exec; do
    echo "$package shared/gridengineconfig boolean true"
    echo "$package shared/gridenginecell string $SGE_CELL"
    echo "$package shared/gridenginemaster string $HOST"
  done | debconf-set-selections
  # Packages are not to start services.
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    ours=1
  fi
  # shellcheck disable=SC2086
  (apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing || { apt-get -o DPkg::Lock::Timeout=300 update -q && apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing; }) \
    >/tmp/sge-apt.log 2>&1 </dev/null || { tail -n 20 /tmp/sge-apt.log >&2; die 'apt-get failed'; }
  [ -z $ours ] || rm -f $policy
}

master_answers() { timeout 10 qconf -sh; }
start_master() {
  install -d -o sgeadmin -g sgeadmin -m 755 $RUN
  [ -n "$(pid_of $RUN/qmaster.pid sge_qmaster)" ] ||
    SGE_QMASTER_PIDFILE=$RUN/qmaster.pid timeout 60 sge_qmaster </dev/null >/dev/null 2>&1 || die 'sge_qmaster does not start'
  until_true sge_qmaster master_answers
}

# After a crash the queue is in error.
queue_works() {
  qmod -c all.q >/dev/null 2>&1
  qstat -f -q all.q | grep -qE "^all\.q@$HOST\S* .* lx-\S+ *$"
}
start_exec() {
  [ -n "$(pid_of $RUN/execd.pid sge_execd)" ] ||
    SGE_EXECD_PIDFILE=$RUN/execd.pid timeout 60 sge_execd </dev/null >/dev/null 2>&1 || die 'sge_execd does not start'
  until_true all.q queue_works
}

# from_stdin ADD MODIFY: qconf reads files
from_stdin() {
  local file
  file=$(mktemp)
  cat >"$file"
  qconf "$1" "$file" >/dev/null 2>&1 || qconf "$2" "$file" >/dev/null 2>&1 || { cat "$file" >&2; die "qconf $1"; }
  rm -f "$file"
}

environment() {
  cat <<EOF
pe_name            $1
slots              999
user_lists         NONE
xuser_lists        NONE
start_proc_args    NONE
stop_proc_args     NONE
allocation_rule    $2
control_slaves     FALSE
job_is_first_task  TRUE
urgency_slots      min
accounting_summary TRUE
qsort_args         NONE
EOF
}

settings() {
  local folder
  (qconf -ah "$HOST"; qconf -as "$HOST"; qconf -am root) >/dev/null 2>&1 || true
  printf 'group_name @allhosts\nhostlist %s\n' "$HOST" | from_stdin -Ahgrp -Mhgrp
  environment smp '$pe_slots' | from_stdin -Ap -Mp
  environment mpi '$round_robin' | from_stdin -Ap -Mp
  qconf -sq | sed -E 's/^(qname) .*/\1 all.q/; s/^(hostlist) .*/\1 @allhosts/; s/^(slots) .*/\1 8/; s/^(pe_list) .*/\1 smp mpi/
    s/^(shell) .*/\1 \/bin\/bash/; s/^(load_thresholds) .*/\1 NONE/' | from_stdin -Aq -Mq
  folder=$(mktemp -d)
  qconf -ssconf | sed -E 's/^(schedule_interval) .*/\1 0:0:2/; s/^(flush_submit_sec) .*/\1 1/; s/^(flush_finish_sec) .*/\1 1/
    s/^(job_load_adjustments) .*/\1 NONE/' >"$folder/scheduler"
  qconf -Msconf "$folder/scheduler" >/dev/null 2>&1
  qconf -sconf | sed -E -e :a -e '/\\$/{N;s/\\\n *//;ba}' | sed -E '/^#/d
    s/^(load_report_time) .*/\1 00:00:05/; s/^(max_unheard) .*/\1 00:00:30/; s/^(administrator_mail) .*/\1 none/
    s/^(reporting_params) .*/\1 accounting=true reporting=false flush_time=00:00:01 accounting_flush_time=00:00:01 joblog=false sharelog=00:00:00/' \
    >"$folder/global"
  qconf -Mconf "$folder/global" >/dev/null 2>&1
  rm -rf "$folder"
}

a_job_runs() {
  local job
  job=$(timeout 60 runuser -u alice -- sh -c 'cd /tmp && qsub -terse -sync y -b y -o /dev/null -e /dev/null true' | head -n 1)
  until_true "qacct of job $job" qacct -j "$job"
}

up() {
  getent hosts "$HOST" >/dev/null || echo "127.0.0.1 $HOST" >>/etc/hosts
  install_packages
  id alice >/dev/null 2>&1 || useradd -m -s /bin/bash alice
  # 127.0.0.1 resolves to localhost: to Grid Engine that must be this host.
  echo "$HOST" >$SGE_ROOT/$SGE_CELL/common/act_qmaster
  echo "$HOST localhost localhost.localdomain" >$SGE_ROOT/$SGE_CELL/common/host_aliases
  chown sgeadmin:sgeadmin $SGE_ROOT/$SGE_CELL/common/act_qmaster $SGE_ROOT/$SGE_CELL/common/host_aliases
  start_master
  settings
  start_exec
  a_job_runs
  qstat -f
}

# All processes below one, from the leaves up.
tree() {
  local child
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do tree "$child"; done
  echo "$1"
}

kill_jobs() {
  local pid child
  pid=$(pid_of $RUN/execd.pid sge_execd) || return 0
  for child in $(cat "/proc/$pid"/task/*/children 2>/dev/null); do
    # shellcheck disable=SC2046
    kill -KILL $(tree "$child") 2>/dev/null || true
  done
}

down() {
  if master_answers >/dev/null 2>&1; then
    qdel -u '*' >/dev/null 2>&1 || true
    for _ in $(seq 50); do [ -n "$(qstat -s r -u '*')" ] || break; sleep 0.2; done
  fi
  kill_jobs
  stop $RUN/execd.pid sge_execd
  stop $RUN/qmaster.pid sge_qmaster
}

status() {
  local bad=0
  if [ -n "$(pid_of $RUN/qmaster.pid sge_qmaster)" ]; then echo 'sge_qmaster runs'; else echo 'sge_qmaster is down'; bad=3; fi
  if [ -n "$(pid_of $RUN/execd.pid sge_execd)" ]; then echo 'sge_execd runs'; else echo 'sge_execd is down'; bad=3; fi
  if [ $bad = 0 ]; then qstat -f -u '*'; fi
  return $bad
}

[ "$(id -u)" = 0 ] || die 'must be root'
case "$*" in
  up) up ;;
  down) down ;;
  status) status ;;
  'master stop') stop $RUN/qmaster.pid sge_qmaster ;;
  'master start') start_master ;;
  'exec stop') stop $RUN/execd.pid sge_execd ;;
  'exec kill') kill_jobs; stop $RUN/execd.pid sge_execd KILL ;;
  'exec start') start_exec ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$SELF" >&2; exit 2 ;;
esac
