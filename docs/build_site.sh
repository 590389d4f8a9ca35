#!/bin/sh
# Builds a site from README and docs/ in the folder that is given: html/ is the site. A broken link is an error.
set -eu
site=$1
rm -rf "$site"
mkdir -p "$site/source/chatserver"
# The pages link to these; below one folder the links stay as they are.
cp -r ./*.md LICENSE docs deploy "$site/source"
cp chatserver/settings.py "$site/source/chatserver"
cp docs/zensical.toml "$site"
.venv/bin/zensical build --strict --config-file "$site/zensical.toml"
