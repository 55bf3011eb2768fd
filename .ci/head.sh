#!/bin/sh
# maestro @version@ for @system@ @machine@, one self-extracting file: this text, the program, its runtime (Deno @deno@).
# The first start unpacks the two into a private folder; every start then runs them from there. What it needs and
# what it does is in docs/install.md. The text ends at block 1; blocks have 65536 bytes.

id=@id@ # version and first digits of a checksum: another build never meets another's files

say() { printf '%s\n' "$*" >&2; }

# The absolute path of this file, for whoever starts it again.
file=$0
case $file in
  /*) ;;
  */*) file=$PWD/$file ;;
  *) if [ -f "$file" ]; then file=$PWD/$file; else file=$(command -v -- "$file"); fi ;;
esac

# V8 reserves 32 GiB of addresses (not memory) before it runs anything, and dies where it may not.
need_kib=35651584
raise_limit() {
  soft=$(ulimit -S -v 2>/dev/null) || return 0
  case $soft in '' | *[!0-9]*) return 0 ;; esac # unlimited, or a shell without -v
  [ "$soft" -ge "$need_kib" ] && return 0
  hard=$(ulimit -H -v)
  case $hard in
    *[!0-9]*) ;;
    *)
      if [ "$hard" -lt "$need_kib" ]; then
        say "error: The address space is limited to $((hard / 1048576)) GiB here (\`ulimit -H -v\` says $hard); the runtime reserves 34 GiB, and uses 0.1"
        say "hint: Only an administrator can raise a hard limit. Another node, or a batch job, may not have it."
        exit 75
      fi
      ;;
  esac
  ulimit -S -v "$hard"
}

# Sets `at` to a folder to unpack into, by its place in the order of trial. Others can write beside the last three.
place() {
  case $1 in
    1) at=${XDG_CACHE_HOME:+$XDG_CACHE_HOME/maestro} ;;
    2) at=${HOME:+$HOME/.cache/maestro} ;;
    3) at=${TMPDIR:+$TMPDIR/maestro-${user:=$(id -u)}} ;;
    4) at=/tmp/maestro-${user:=$(id -u)} ;;
    5) at=/var/tmp/maestro-${user:=$(id -u)} ;;
  esac
  case $at in /*) ;; *) return 1 ;; esac
}

# Whether a folder holds all of this version, and nobody else can have put it there. -x is false on a noexec mount; the
# loader is not there on a machine of another kind that has the same home. Starts no process.
ready() {
  [ -e @loader@ ] && [ -f "$1/$id/ready" ] && [ -x "$1/$id/deno" ] && mine "$1" && mine "$1/$id"
}
mine() { [ -d "$1" ] && [ -O "$1" ] && [ ! -h "$1" ]; }

# Becomes the program. The variables are for cli.ts, which takes them away again.
run() {
  MAESTRO_FILE=$file MAESTRO_DENO_DIR=${DENO_DIR-} DENO_DIR=/dev/null DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  export MAESTRO_FILE MAESTRO_DENO_DIR DENO_DIR DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
  trap not_started EXIT # a shell that cannot exec exits
  exec "$at/$id/deno" @flags@ "$at/$id/start.js" "$@"
}
not_started() {
  trap - EXIT
  platform
  say "error: $at/$id/deno cannot be started"
  say "hint: Delete $at/$id and try again: it is unpacked anew."
  exit 75
}

# What the runtime cannot do without.
platform() {
  system=$(uname -s) machine=$(uname -m)
  if [ "$system" != @system@ ] || [ "$machine" != @machine@ ]; then
    say "error: This file is for @system@ @machine@; this machine is $system $machine"
    say "hint: Take the file for this machine, or build it there: docs/install.md says how."
    exit 75
  fi
  if [ ! -e @loader@ ]; then
    say "error: This system has no @loader@; maestro's runtime needs glibc 2.27 or newer"
    exit 75
  fi
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1)
  case $libc in
    *musl*)
      say "error: This system's C library is musl; maestro's runtime needs glibc 2.27 or newer"
      exit 75
      ;;
    "glibc "*) ;;
    *) return 0 ;; # nobody says: trying will tell
  esac
  libc=${libc#glibc } major=${libc#glibc } minor=${libc#*.}
  major=${major%%.*} minor=${minor%%[!0-9]*}
  if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 27 ]; }; then
    say "error: This system's glibc is $libc; maestro's runtime needs 2.27 or newer (RHEL 8, Ubuntu 18.04)"
    say "hint: Another node may be newer, or run it in a container."
    exit 75
  fi
}

whole() {
  bytes=$(wc -c <"$file") || exit 75
  if [ "$((bytes))" != @bytes@ ]; then
    say "error: $file is damaged: it has $((bytes)) bytes instead of @bytes@"
    say "hint: Copy it again, and compare its checksum."
    exit 75
  fi
}

# Runs a command; where it fails, says why on standard output and gives up on this folder.
must() {
  said=$("$@" 2>&1) && return
  said=${said##*"
"}
  echo "${said:-$1 failed}"
  exit 1
}

# Unpacks into a folder: into a new one first, then file by file, each at once and `ready` last. Two that do this at
# the same time put the same files there twice.
unpack() (
  umask 077
  [ -h "$1" ] && echo "it is a symbolic link" && exit 1
  for folder in "$1" "$1/$id"; do
    must mkdir -p "$folder"
    mine "$folder" || { echo "somebody else made it"; exit 1; }
    must chmod 700 "$folder"
  done
  try=0
  while new=$1/$id/new.$$.$try && ! mkdir "$new" 2>/dev/null; do
    [ "$try" -ge 9 ] && echo "nothing can be made in it" && exit 1
    try=$((try + 1))
  done
  into=$1
  trap 'rm -rf "$new"; rmdir "$into/$id" "$into" 2>/dev/null' EXIT # what is not empty stays
  trap 'exit 1' HUP INT TERM
  : >"$new/ready" && chmod 700 "$new/ready"
  [ -x "$new/ready" ] || { echo "programs in it cannot be run (it is mounted noexec)"; exit 1; }
  must extract "$new"
  checked "$new/maestro.js" @programBytes@ @programSum@
  checked "$new/deno" @runtimeBytes@ @runtimeSum@
  must chmod 700 "$new/deno"
  said=$(DENO_DIR=/dev/null MAESTRO_FILE=$file "$new/deno" @flags@ "$new/start.js" --version 2>&1) || {
    echo "the runtime does not start: $said"
    exit 1
  }
  for part in maestro.js start.js deno ready; do must mv -f "$new/$part" "$1/$id/$part"; done
)
extract() {
  dd if="$file" bs=65536 skip=1 count=@programBlocks@ 2>/dev/null >"$1/maestro.js" || return
  { dd if="$file" bs=65536 skip=@runtimeBlock@ 2>/dev/null || :; } | gzip -dc >"$1/deno" || return
  printf '%s\n' '@start@' >"$1/start.js"
}
checked() {
  bytes=$(wc -c <"$1")
  [ "$((bytes))" = "$2" ] || { echo "only $((bytes)) of $2 bytes arrived"; exit 1; }
  command -v sha256sum >/dev/null 2>&1 || return 0
  sum=$(sha256sum <"$1")
  [ "${sum%% *}" = "$3" ] || { echo "what was unpacked has the wrong checksum: the file is damaged"; exit 1; }
}

raise_limit
for n in 1 2 3 4 5; do place "$n" && ready "$at" && run "$@"; done
platform
whole
command -v gzip >/dev/null 2>&1 || { say "error: The first start of maestro needs gzip, which is not in PATH ($PATH)"; exit 75; }
why=
for n in 1 2 3 4 5; do
  place "$n" || continue
  reason=$(unpack "$at") && ready "$at" && run "$@"
  why="$why
  $at: ${reason:-it cannot be used}"
done
say "error: maestro cannot be unpacked anywhere:$why"
say "hint: Name a folder of yours with 150 MB of space from which programs can be run: TMPDIR=/that/folder maestro ..."
exit 73
