#!/bin/bash

while [ ! -e ../../go ]; do sleep 0.1; done; echo "once 1" >>../../ledger
