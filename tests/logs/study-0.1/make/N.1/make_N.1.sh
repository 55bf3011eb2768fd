#!/bin/bash

echo "hello 1" >made
