#!/usr/bin/env node
/** Starts `npx sluse` from what `npm run build` made. */
import { existsSync } from 'node:fs';

const command = new URL('../dist/subgraphs/sluse.js', import.meta.url);
if (existsSync(command)) await import(command.href);
else {
  process.stderr.write('Sluse is not built yet: run `npm run build` first.\n');
  process.exitCode = 2;
}
