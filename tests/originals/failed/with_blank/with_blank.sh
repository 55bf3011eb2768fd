#!/bin/bash

echo blank
