import { rm } from 'node:fs/promises';
import pg from 'pg';

export default async function teardown() {
  try {
    await dropWorlds();
  } finally {
    // Whatever went wrong before: no server of ours outlives the run.
    await globalThis.embedded?.stop();
    if (globalThis.embeddedDirectory) await rm(globalThis.embeddedDirectory, { recursive: true, force: true });
  }
}

async function dropWorlds() {
  const url = new URL(process.env.SLUSE_TEST_SERVER);
  url.pathname = '/postgres';
  const admin = new pg.Client({ connectionString: url.toString() });
  await admin.connect();
  for (const name of [process.env.SLUSE_TEST_WORLD, process.env.SLUSE_TEST_OTHER_WORLD]) {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    const { rows } = await admin.query('SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)', [`${name}_`]);
    for (const { rolname } of rows) await admin.query(`DROP ROLE ${admin.escapeIdentifier(rolname)}`);
  }
  await admin.end();
}
