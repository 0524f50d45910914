#!/bin/sh
# The page: which version runs where, and how it is configured, as it is at the moment of the request.
printf 'Content-Type: text/plain; charset=utf-8\r\n\r\n'
echo "version: ${WEB_VERSION:-unknown}"
echo "host: $(hostname)"
echo "greeting: ${WEB_GREETING:-none}"
for file in /etc/web/*; do
    [ -f "$file" ] && echo "config $(basename "$file"): $(cat "$file")"
done
exit 0
