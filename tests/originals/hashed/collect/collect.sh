#!/bin/bash

echo collect
