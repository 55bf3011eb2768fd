#!/bin/bash

echo post 20 x:y
