#!/bin/sh
echo A; echo "$MAESTRO_PARG_UP_TO"
