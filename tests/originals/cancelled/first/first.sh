#!/bin/bash

echo one
