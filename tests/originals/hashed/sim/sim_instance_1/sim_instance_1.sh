#!/bin/bash

echo size 20 tag "x:y"
test 20 != 20 || { echo no such mesh >&2; exit 7; }

