#!/bin/sh
# Prints parameters as CSV: a row of names, then a row for each combination. The value of
# --pargs UP_TO:... is in MAESTRO_PARG_UP_TO, and the spec's env in MAESTRO_ENV. Both are also on standard input, as JSON.
echo PRIME,SQUARE
awk -v most="${MAESTRO_PARG_UP_TO:-20}" 'BEGIN {
  for (n = 2; n <= most; n++) {
    for (d = 2; d * d <= n; d++) if (n % d == 0) break
    if (d * d > n) print n "," n * n
  }
}'
