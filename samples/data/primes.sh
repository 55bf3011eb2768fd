#!/bin/sh
# Prints parameters as CSV: a row of names, then a row for each combination. What --pargs UP_TO:... says is in
# MAESTRO_PARG_UP_TO, what the spec's env holds in MAESTRO_ENV; both are on standard input, too, as JSON.
echo PRIME,SQUARE
awk -v most="${MAESTRO_PARG_UP_TO:-20}" 'BEGIN {
  for (n = 2; n <= most; n++) {
    for (d = 2; d * d <= n; d++) if (n % d == 0) break
    if (d * d > n) print n "," n * n
  }
}'
