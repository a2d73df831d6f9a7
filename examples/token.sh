#!/usr/bin/env bash
# Calls an API with a token of latchkey, through the command: token.sh PROFILE URL
set -euo pipefail
headers=$(latchkey header "$1")   # its exit code and message say what to do
curl --silent --show-error --fail -H @<(printf '%s\n' "$headers") "$2"
