# A batch system that is a folder, $FAKE: each job a folder in it, named by its number. The commands of fakes read it.
# With FAKE_OLD they are of a version that lacks what it can lack. What is refused for that is noted in $FAKE.refused.

# Prints what is not known here, and ends: refuse EXIT_CODE TEXT
refuse() {
  echo "$2" >>"$FAKE.refused"
  echo "$2" >&2
  exit "$1"
}

# Starts a job whose folder exists, in a new session: start NUMBER NAME FOLDER OUT ERR [ARGUMENT]
start() {
  job=$FAKE/$1
  echo "$2" >"$job/name"
  chmod 700 "$job/script"
  JOB=$job FOLDER=$3 OUT=$4 ERR=$5 ARGUMENT=$6 setsid sh -c '
    cd "$FOLDER" || exit 1
    echo "$$" >"$JOB/pid"
    "$JOB/script" ${ARGUMENT:+"$ARGUMENT"} >>"$OUT" 2>>"$ERR" </dev/null
    echo $? >"$JOB/code.new" && mv "$JOB/code.new" "$JOB/code"
  ' >/dev/null 2>&1 &
}

# Makes a place for a job, with its script from standard input; its number is in $number.
place() {
  mkdir -p "$FAKE"
  number=1
  until mkdir "$FAKE/$number" 2>/dev/null; do number=$((number + 1)); done
  cat >"$FAKE/$number/script"
}

# The value of an option in a script's header, quotes taken off: header NUMBER MARK OPTION
header() { sed -n "s/^#$2 $3 //p" "$FAKE/$1/script" | tr -d "'\"" | tail -n 1; }

# The words as a line for a shell: words WORD...
words() { for word; do printf "'%s' " "$(printf %s "$word" | sed "s/'/'\\\\''/g")"; done; }

name_of() { cat "$FAKE/$1/name"; }
code_of() { cat "$FAKE/$1/code" 2>/dev/null; }

end() {
  touch "$FAKE/$1/cancelled"
  kill -TERM -- "-$(cat "$FAKE/$1/pid")" 2>/dev/null
  echo 143 >"$FAKE/$1/code"
}
