#!/bin/bash

echo prepared
