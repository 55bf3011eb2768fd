#!/bin/sh
# maestro @version@ for @system@ @machine@, one self-extracting file: this text, the program, its runtime (Deno @deno@).
# The first start unpacks the two into a private folder; every start then runs them from there. What it needs and
# what it does is in docs/install.md. The text ends at block 1; blocks have 65536 bytes.

# The shell changes a variable of the user's that has the same name, for all that it starts: ours begin with mae_.
mae_id=@id@ # version and first digits of a checksum: another build never meets another's files

mae_say() { printf '%s\n' "$*" >&2; }

# The absolute path of this file, with which the program starts itself again.
mae_file=$0
case $mae_file in
  /*) ;;
  */*) mae_file=$PWD/$mae_file ;;
  *) if [ -f "$mae_file" ]; then mae_file=$PWD/$mae_file; else mae_file=$(command -v -- "$mae_file"); fi ;;
esac

# V8 reserves 32 GiB of addresses (not memory) before it runs anything, and dies where it may not.
mae_need_kib=35651584
mae_raise_limit() {
  mae_soft=$(ulimit -S -v 2>/dev/null) || return 0
  case $mae_soft in '' | *[!0-9]*) return 0 ;; esac # unlimited, or a shell without -v
  [ "$mae_soft" -ge "$mae_need_kib" ] && return 0
  mae_hard=$(ulimit -H -v)
  case $mae_hard in
    *[!0-9]*) ;;
    *)
      if [ "$mae_hard" -lt "$mae_need_kib" ]; then
        mae_say "error: The address space is limited to $((mae_hard / 1048576)) GiB here (\`ulimit -H -v\` says $mae_hard); the runtime reserves 34 GiB, and uses 0.1"
        mae_say "hint: Only an administrator can raise a hard limit. Another node, or a batch job, may not have it."
        exit 75
      fi
      ;;
  esac
  ulimit -S -v "$mae_hard"
}

# Sets mae_at to a folder to unpack into, by its place in the order of trial. Others can write beside the last three.
mae_place() {
  case $1 in
    1) mae_at=${XDG_CACHE_HOME:+$XDG_CACHE_HOME/maestro} ;;
    2) mae_at=${HOME:+$HOME/.cache/maestro} ;;
    3) mae_at=${TMPDIR:+$TMPDIR/maestro-${mae_user:=$(id -u)}} ;;
    4) mae_at=/tmp/maestro-${mae_user:=$(id -u)} ;;
    5) mae_at=/var/tmp/maestro-${mae_user:=$(id -u)} ;;
  esac
  case $mae_at in /*) ;; *) return 1 ;; esac
}

# Whether a folder holds all of this version, and nobody else can have put it there. -x is false on a noexec mount; the
# loader is not there on a machine of another kind that has the same home. Starts no process.
mae_ready() {
  [ -e @loader@ ] && [ -f "$1/$mae_id/ready" ] && [ -x "$1/$mae_id/deno" ] && mae_mine "$1" && mae_mine "$1/$mae_id"
}
mae_mine() { [ -d "$1" ] && [ -O "$1" ] && [ ! -h "$1" ]; }

# Becomes the program. Settings of the user for another Deno must not reach this one. Settings of this one must not
# reach the user's programs. cli.ts restores all of these variables from the copies. The runtime reads .npmrc in HOME and
# ends if that is wrong. DENO_LOG hides one message (there is no cache folder) and keeps errors.
mae_theirs="HOME DENO_DIR DENO_LOG DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON DENO_V8_FLAGS DENO_PERMISSION_BROKER_PATH
  DENO_AUDIT_PERMISSIONS DENO_TRACE_PERMISSIONS DENO_COVERAGE_DIR OTEL_DENO NODE_OPTIONS"
mae_set_aside() {
  for mae_name in $mae_theirs; do
    eval "[ -z \"\${$mae_name+x}\" ] || { MAESTRO_HAD_$mae_name=\$$mae_name; export MAESTRO_HAD_$mae_name; unset $mae_name; }"
  done
  MAESTRO_SET_ASIDE="$mae_theirs" MAESTRO_FILE=$mae_file HOME=$1
  DENO_DIR=/dev/null DENO_LOG=error,deno::cache=off DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  export MAESTRO_SET_ASIDE MAESTRO_FILE HOME DENO_DIR DENO_LOG DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
}
# Functions that bash exported (module, ml): dash drops them, and the kernel still shows them. `status` needs none. nice: env
# would take a path with a = in it for a variable.
mae_keep_functions() {
  mae_words=
  [ -z "${BASH_VERSION-}" ] && [ "${1-}" != status ] && grep -q BASH_FUNC_ "/proc/$$/environ" || return 0
  mae_words=$(sed -zn "/^BASH_FUNC_/{s/'/'\\\\''/g;s/^/'/;s/\$/'/;p}" "/proc/$$/environ" | tr '\0' ' ')
  [ -z "$mae_words" ] || mae_words="env $mae_words nice -n 0"
} 2>/dev/null
mae_run() {
  mae_set_aside "$mae_at/$mae_id"
  mae_keep_functions "$@"
  trap mae_not_started EXIT # a shell that cannot exec exits
  eval "exec $mae_words \"\$mae_at/\$mae_id/deno\" @flags@ \"\$mae_at/\$mae_id/start.js\" \"\$@\""
}
mae_not_started() {
  trap - EXIT
  mae_platform
  mae_say "error: $mae_at/$mae_id/deno cannot be started"
  mae_say "hint: Delete $mae_at/$mae_id and try again: it is unpacked anew."
  exit 75
}

# What the runtime cannot do without.
mae_platform() {
  mae_system=$(uname -s) mae_machine=$(uname -m)
  if [ "$mae_system" != @system@ ] || [ "$mae_machine" != @machine@ ]; then
    mae_say "error: This file is for @system@ @machine@; this machine is $mae_system $mae_machine"
    mae_say "hint: Take the file for this machine, or build it there: docs/install.md says how."
    exit 75
  fi
  if [ ! -e @loader@ ]; then
    mae_say "error: This system has no @loader@; maestro's runtime needs glibc 2.27 or newer"
    exit 75
  fi
  mae_libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1)
  case $mae_libc in
    *musl*)
      mae_say "error: This system's C library is musl; maestro's runtime needs glibc 2.27 or newer"
      exit 75
      ;;
    "glibc "*) ;;
    *) return 0 ;; # unknown: the start will show
  esac
  mae_libc=${mae_libc#glibc } mae_major=${mae_libc#glibc } mae_minor=${mae_libc#*.}
  mae_major=${mae_major%%.*} mae_minor=${mae_minor%%[!0-9]*}
  if [ "$mae_major" -lt 2 ] || { [ "$mae_major" -eq 2 ] && [ "$mae_minor" -lt 27 ]; }; then
    mae_say "error: This system's glibc is $mae_libc; maestro's runtime needs 2.27 or newer (RHEL 8, Ubuntu 18.04)"
    mae_say "hint: Another node may be newer, or run it in a container."
    exit 75
  fi
}

mae_whole() {
  mae_bytes=$(wc -c <"$mae_file") || exit 75
  if [ "$((mae_bytes))" != @bytes@ ]; then
    mae_say "error: $mae_file is damaged: it has $((mae_bytes)) bytes instead of @bytes@"
    mae_say "hint: Copy it again, and compare its checksum."
    exit 75
  fi
}

# Runs a command. If it fails, prints the reason on standard output and gives up on this folder.
mae_must() {
  mae_said=$("$@" 2>&1) && return
  mae_said=${mae_said##*"
"}
  echo "${mae_said:-$1 failed}"
  exit 1
}

# Unpacks into a folder: into a new one first, then file by file, each at once and `ready` last. Two that do this at
# the same time put the same files there twice.
mae_unpack() (
  umask 077
  [ -h "$1" ] && echo "it is a symbolic link" && exit 1
  for mae_folder in "$1" "$1/$mae_id"; do
    mae_must mkdir -p "$mae_folder"
    mae_mine "$mae_folder" || { echo "somebody else made it"; exit 1; }
    mae_must chmod 700 "$mae_folder"
  done
  mae_try=0
  while mae_new=$1/$mae_id/new.$$.$mae_try && ! mkdir "$mae_new" 2>/dev/null; do
    [ "$mae_try" -ge 9 ] && echo "nothing can be made in it" && exit 1
    mae_try=$((mae_try + 1))
  done
  mae_into=$1
  trap 'rm -rf "$mae_new"; rmdir "$mae_into/$mae_id" "$mae_into" 2>/dev/null' EXIT # what is not empty stays
  trap 'exit 1' HUP INT TERM
  : >"$mae_new/ready" && chmod 700 "$mae_new/ready"
  [ -x "$mae_new/ready" ] || { echo "programs in it cannot be run (it is mounted noexec)"; exit 1; }
  mae_must mae_extract "$mae_new"
  mae_checked "$mae_new/maestro.js" @programBytes@ @programSum@
  mae_checked "$mae_new/deno" @runtimeBytes@ @runtimeSum@
  mae_must chmod 700 "$mae_new/deno"
  mae_said=$(mae_set_aside "$mae_new" && "$mae_new/deno" @flags@ "$mae_new/start.js" --version 2>&1) || {
    echo "the runtime does not start: $mae_said"
    exit 1
  }
  for mae_part in maestro.js start.js deno ready; do mae_must mv -f "$mae_new/$mae_part" "$1/$mae_id/$mae_part"; done
)
mae_extract() {
  dd if="$mae_file" bs=65536 skip=1 count=@programBlocks@ 2>/dev/null >"$1/maestro.js" || return
  { dd if="$mae_file" bs=65536 skip=@runtimeBlock@ 2>/dev/null || :; } | gzip -dc >"$1/deno" || return
  printf '%s\n' '@start@' >"$1/start.js"
}
mae_checked() {
  mae_bytes=$(wc -c <"$1")
  [ "$((mae_bytes))" = "$2" ] || { echo "only $((mae_bytes)) of $2 bytes arrived"; exit 1; }
  command -v sha256sum >/dev/null 2>&1 || return 0
  mae_sum=$(sha256sum <"$1")
  [ "${mae_sum%% *}" = "$3" ] || { echo "what was unpacked has the wrong checksum: the file is damaged"; exit 1; }
}

# Without a current folder the runtime ends. Where only its parents may not be seen, pwd(1) still knows it.
[ -d "$PWD" ] || { env pwd >/dev/null 2>&1; [ $? -ne 1 ]; } || {
  mae_say "error: The current folder does not exist any more"
  mae_say "hint: Change to a folder that exists: cd"
  exit 66
}
mae_raise_limit
for mae_n in 1 2 3 4 5; do mae_place "$mae_n" && mae_ready "$mae_at" && mae_run "$@"; done
mae_platform
mae_whole
command -v gzip >/dev/null 2>&1 || { mae_say "error: The first start of maestro needs gzip, which is not in PATH ($PATH)"; exit 75; }
mae_why=
for mae_n in 1 2 3 4 5; do
  mae_place "$mae_n" || continue
  mae_reason=$(mae_unpack "$mae_at") && mae_ready "$mae_at" && mae_run "$@"
  mae_why="$mae_why
  $mae_at: ${mae_reason:-it cannot be used}"
done
mae_say "error: maestro cannot be unpacked anywhere:$mae_why"
mae_say "hint: Name a folder of yours with 150 MB of space from which programs can be run: TMPDIR=/that/folder maestro ..."
exit 73
