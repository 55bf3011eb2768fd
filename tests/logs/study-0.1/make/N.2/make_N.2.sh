#!/bin/bash

echo "hello 2" >made
