#!/bin/bash

echo post 10 a,b
