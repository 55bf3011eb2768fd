#!/bin/bash

echo size 10 tag "a,b"
test 10 != 20 || { echo no such mesh >&2; exit 7; }

