#!/bin/bash

sleep 6
