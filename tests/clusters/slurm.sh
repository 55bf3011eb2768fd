#!/bin/bash
# A real Slurm with accounting, all on this machine, on loopback, without systemd.
#
#   slurm.sh up | down | status
#   slurm.sh ctld stop|start         slurmctld: only sacct continues to work
#   slurm.sh dbd stop|start          slurmdbd: only sacct fails
#   slurm.sh node kill|start NODE    a node, with all that runs on it
#   slurm.sh set KEY=VALUE...        lines of slurm.conf, till the next `up`; KEY= takes one away (accounting off:
#                                    set AccountingStorageType=accounting_storage/none AccountingStorageEnforce=)
#
# Run as root on Debian. `up` installs what is missing, configures, starts, and waits until a job has run. A
# second `up` does nothing. There are three nodes of eight CPUs, partitions debug (default, an hour at most) and batch,
# and account ceci. QOS normal preempts QOS standby. Users are root and alice. Everything is in $BASE. Processes are ended
# by pid file.
set -euo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive

BASE=${SLURM_BASE:-/var/lib/maestro-slurm}
NODES="node1 node2 node3"
HOST=$(uname -n)
SELF=$(readlink -f "$0")
cd /

die() { echo "slurm.sh: $*" >&2; exit 1; }

# --- processes

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

# until WHAT COMMAND...: a minute at most
until_true() {
  local what=$1 tries=0
  shift
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { tail -n 20 "$BASE"/log/*.log >&2 2>/dev/null; die "$what does not work: $*"; }
    sleep 0.2
  done
}

# --- installation and configuration

install_packages() {
  local missing='' package policy=/usr/sbin/policy-rc.d ours=
  for package in slurm-wlm slurmdbd slurm-wlm-mysql-plugin munge mariadb-server; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "installing$missing"
  # Packages are not to start services.
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    ours=1
  fi
  # shellcheck disable=SC2086
  (apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing || { apt-get -o DPkg::Lock::Timeout=300 update -q && apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing; }) \
    >/tmp/slurm-apt.log 2>&1 </dev/null || { tail -n 20 /tmp/slurm-apt.log >&2; die 'apt-get failed'; }
  [ -z $ours ] || rm -f $policy
}

# With version 1 of cgroups a job over its memory ends OUT_OF_MEMORY, without it is killed and FAILED.
if [ -w /sys/fs/cgroup/memory/memory.limit_in_bytes ]; then
  TASK=task/cgroup GATHER=NoShared RAM=yes
else
  TASK=task/none GATHER=OverMemoryKill RAM=no
fi

slurm_conf() {
  cat <<EOF
ClusterName=maestro
SlurmctldHost=$HOST(127.0.0.1)
SlurmUser=slurm
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=10
StateSaveLocation=$BASE/state
SlurmdSpoolDir=$BASE/spool/%n
SlurmctldPidFile=$BASE/run/slurmctld.pid
SlurmdPidFile=$BASE/run/slurmd-%n.pid
SlurmctldLogFile=$BASE/log/slurmctld.log
SlurmdLogFile=$BASE/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=$TASK
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=$GATHER
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SlurmdTimeout=15
MessageTimeout=10
KillWait=3
MinJobAge=${MIN_JOB_AGE:-300}
JobRequeue=1
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=16
EnforcePartLimits=ALL
PriorityType=priority/multifactor
PriorityWeightQOS=1000
PreemptType=preempt/qos
PreemptMode=REQUEUE
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStorageEnforce=associations,limits,qos
SlurmdParameters=config_overrides
EOF
  local port=17001 node
  for node in $NODES; do
    echo "NodeName=$node NodeHostname=$HOST NodeAddr=127.0.0.1 Port=$port CPUs=8 RealMemory=4000 State=UNKNOWN"
    port=$((port + 1))
  done
  echo 'PartitionName=debug Nodes=ALL Default=YES DefaultTime=10 MaxTime=60 State=UP'
  echo 'PartitionName=batch Nodes=ALL DefaultTime=60 MaxTime=2-0 State=UP'
}

slurmdbd_conf() {
  cat <<EOF
AuthType=auth/munge
DbdHost=localhost
DbdAddr=127.0.0.1
SlurmUser=slurm
LogFile=$BASE/log/slurmdbd.log
PidFile=$BASE/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort=6820
StorageUser=slurm
StoragePass=slurm
StorageLoc=slurm_acct_db
EOF
}

configure() {
  local node
  install -d -m 755 "$BASE" /etc/slurm
  install -d -o slurm -g slurm -m 755 "$BASE/run" "$BASE/log" "$BASE/state"
  for node in $NODES; do install -d "$BASE/spool/$node"; done
  getent hosts "$HOST" >/dev/null || echo "127.0.0.1 $HOST" >>/etc/hosts
  id alice >/dev/null 2>&1 || useradd -m -s /bin/bash alice
  [ -s /etc/munge/munge.key ] || head -c 1024 /dev/urandom >/etc/munge/munge.key
  chown -R munge:munge /etc/munge
  chmod 400 /etc/munge/munge.key
  slurm_conf >"$BASE/slurm.conf.new"
  slurmdbd_conf >/etc/slurm/slurmdbd.conf
  chown slurm:slurm /etc/slurm/slurmdbd.conf
  chmod 600 /etc/slurm/slurmdbd.conf
  printf '%s\n' CgroupPlugin=cgroup/v1 ConstrainRAMSpace=$RAM ConstrainSwapSpace=no AllowedSwapSpace=0 >/etc/slurm/cgroup.conf
  if ! cmp -s "$BASE/slurm.conf.new" /etc/slurm/slurm.conf; then
    stop_slurm
    cp "$BASE/slurm.conf.new" /etc/slurm/slurm.conf
  fi
}

# --- daemons

start_munge() {
  munge -n </dev/null 2>/dev/null | unmunge >/dev/null 2>&1 && return 0
  install -d -o munge -g munge -m 755 /run/munge
  install -d -o munge -g munge -m 700 /var/lib/munge /var/log/munge
  rm -f /run/munge/munge.socket.2*
  runuser -u munge -- /usr/sbin/munged --pid-file=/run/munge/munged.pid
  until_true munge sh -c 'munge -n | unmunge'
}

sql() { mariadb --no-defaults -S "$BASE/run/mysqld.sock" -u root "$@"; }

start_database() {
  [ -z "$(pid_of "$BASE/run/mariadbd.pid" mariadbd)" ] || return 0
  if [ ! -d "$BASE/mysql/mysql" ]; then
    rm -rf "$BASE/mysql"
    install -d -o slurm -g slurm -m 700 "$BASE/mysql"
    mariadb-install-db --no-defaults --user=slurm --datadir="$BASE/mysql" --auth-root-authentication-method=normal \
      --skip-test-db >"$BASE/log/mariadb-install.log" 2>&1
  fi
  setsid mariadbd --no-defaults --user=slurm --datadir="$BASE/mysql" --socket="$BASE/run/mysqld.sock" \
    --pid-file="$BASE/run/mariadbd.pid" --bind-address=127.0.0.1 --port=6820 --skip-name-resolve --skip-log-bin \
    --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=2 --innodb-lock-wait-timeout=900 \
    --log-error="$BASE/log/mariadbd.log" </dev/null >/dev/null 2>&1 &
  until_true mariadbd sql -e 'select 1'
  sql -e "create database if not exists slurm_acct_db;
    create or replace user slurm@127.0.0.1 identified by 'slurm'; grant all on slurm_acct_db.* to slurm@127.0.0.1"
}

# sacctmgr asks questions: always -i, and a limit of time
manager() { timeout 20 sacctmgr -i -Q "$@" </dev/null; }

start_dbd() {
  [ -n "$(pid_of "$BASE/run/slurmdbd.pid" slurmdbd)" ] || slurmdbd </dev/null >/dev/null 2>&1
  until_true slurmdbd manager -n list cluster
}

accounts() {
  local user
  {
    manager add cluster maestro
    manager add account ceci cluster=maestro description=ceci organization=ceci
    manager add qos standby
    manager modify qos normal set priority=100 preempt=standby
    for user in root alice; do
      manager add user "$user" cluster=maestro account=ceci defaultaccount=ceci
      manager modify user where name="$user" cluster=maestro account=ceci set defaultaccount=ceci qos=normal,standby defaultqos=normal
    done
  } >"$BASE/log/sacctmgr.log" 2>&1 || true
  [ -n "$(manager -n list assoc where user=alice account=ceci)" ] || { cat "$BASE/log/sacctmgr.log" >&2; die 'no account'; }
}

ctld_answers() { scontrol ping | grep -q 'is UP'; }
start_ctld() {
  [ -n "$(pid_of "$BASE/run/slurmctld.pid" slurmctld)" ] || slurmctld </dev/null >/dev/null 2>&1
  until_true slurmctld ctld_answers
}

start_node() {
  [ -n "$(pid_of "$BASE/run/slurmd-$1.pid" slurmd)" ] || slurmd -N "$1" </dev/null >/dev/null 2>&1
}

# After a crash, a node may need an explicit resume.
nodes_idle() {
  local node state
  while read -r node state; do
    case $state in *down* | *drain* | *fail* | *unk*) scontrol update "nodename=$node" state=resume 2>/dev/null || true ;; esac
  done < <(sinfo -h -N -p debug -o '%N %T')
  ! sinfo -h -N -p debug -o '%T' | grep -qvxE 'idle|mixed|allocated|completing'
}

# All processes below one, from the leaves up.
tree() {
  local child
  for child in $(cat "/proc/$1"/task/*/children 2>/dev/null); do tree "$child"; done
  echo "$1"
}

# runs_on NODE PID...: whether one of the processes belongs to a job of the node; some may be gone already.
runs_on() {
  local node=$1 pid
  shift
  for pid; do
    if grep -qsz "^SLURMD_NODENAME=$node\$" "/proc/$pid/environ"; then return 0; fi
  done
  return 1
}

# A crashed node: its slurmd, and every slurmstepd whose command line names no other node, with what it runs.
kill_node() {
  local pid leaf
  stop "$BASE/run/slurmd-$1.pid" slurmd KILL
  for pid in $(pgrep -x slurmstepd || true); do
    ls -l "/proc/$pid/cwd" "/proc/$pid/fd" 2>/dev/null | grep -q "$BASE/spool/$1\b" ||
      runs_on "$1" $(tree "$pid") || continue
    for leaf in $(tree "$pid"); do kill -KILL "$leaf" 2>/dev/null || true; done
  done
}

stop_slurm() {
  local node
  for node in $NODES; do stop "$BASE/run/slurmd-$node.pid" slurmd; done
  stop "$BASE/run/slurmctld.pid" slurmctld
  stop "$BASE/run/slurmdbd.pid" slurmdbd
}

# --- commands

up() {
  local node
  install_packages
  configure
  start_munge
  start_database
  start_dbd
  accounts
  start_ctld
  for node in $NODES; do start_node "$node"; done
  until_true 'every node' nodes_idle
  timeout 60 runuser -u alice -- sbatch -Q --wait -p debug -A ceci --chdir=/tmp -o /dev/null --wrap=true ||
    die 'a job did not go through'
  sinfo
}

down() {
  if ctld_answers 2>/dev/null; then
    squeue -h -o %A | sort -u | xargs -r scancel 2>/dev/null || true
    for _ in $(seq 50); do [ -n "$(squeue -h -t R,CG,CF,S 2>/dev/null)" ] || break; sleep 0.2; done
  fi
  stop_slurm
  stop "$BASE/run/mariadbd.pid" mariadbd
}

status() {
  local name bad=0
  for name in mariadbd slurmdbd slurmctld; do
    if [ -n "$(pid_of "$BASE/run/$name.pid" $name)" ]; then echo "$name runs"; else echo "$name is down"; bad=3; fi
  done
  if ctld_answers 2>/dev/null; then sinfo; squeue; else bad=3; fi
  return $bad
}

set_conf() {
  local pair
  for pair; do
    sed -i "/^${pair%%=*}=/d" /etc/slurm/slurm.conf
    [ -z "${pair#*=}" ] || sed -i "1a $pair" /etc/slurm/slurm.conf
  done
  stop "$BASE/run/slurmctld.pid" slurmctld
  start_ctld
  for node in $NODES; do
    stop "$BASE/run/slurmd-$node.pid" slurmd
    start_node "$node"
  done
  until_true 'every node' nodes_idle
}

[ "$(id -u)" = 0 ] || die 'must be root'
case "$*" in
  up) up ;;
  down) down ;;
  status) status ;;
  'ctld stop') stop "$BASE/run/slurmctld.pid" slurmctld ;;
  'ctld start') start_ctld ;;
  'dbd stop') stop "$BASE/run/slurmdbd.pid" slurmdbd ;;
  'dbd start') start_dbd ;;
  'node kill '?*) kill_node "$3" ;;
  'node start '?*) start_node "$3" ;;
  'set '?*) shift; set_conf "$@" ;;
  *) sed -n '2,/^set /s/^# \{0,1\}//p' "$SELF" >&2; exit 2 ;;
esac
