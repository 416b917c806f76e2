import { randomBytes } from 'node:crypto';
import type { OperatorSession } from './operator-session.ts';
import type { ServerName } from './servers.ts';

/** Somebody who may do everything in one database and nothing on the server, as production has it. */
export type PlainUser = {
  readonly name: string;
  /** The database's URL with this user, and this password or the right one. */
  url(password?: string): string;
};

/** @param databaseUrl the administrator's, of a new database that belongs to the user from then on */
export async function createPlainUser(
  name: ServerName,
  admin: OperatorSession,
  databaseUrl: string,
): Promise<PlainUser> {
  const user = `seller_${randomBytes(4).toString('hex')}`;
  const rightPassword = randomBytes(8).toString('hex');
  const database = new URL(databaseUrl).pathname.slice(1);
  if (name === 'PostgreSQL') {
    await admin.run(`create role ${user} login password '${rightPassword}'`);
    await admin.run(`alter database ${database} owner to ${user}`);
    await askForPasswords(admin, user);
  } else {
    await admin.run(`create user ${user}@'%' identified by '${rightPassword}'`);
    await admin.run(`grant all on ${database}.* to ${user}@'%'`);
  }
  return {
    name: user,
    url: (password = rightPassword) => Object.assign(new URL(databaseUrl), { username: user, password }).href,
  };
}

/** A test's server trusts everybody; it is told to believe this user only with the password. */
async function askForPasswords(admin: OperatorSession, user: string): Promise<void> {
  const [{ hba_file: file } = {}] = await admin.run('show hba_file');
  const lines = [`host all ${user} 127.0.0.1/32 scram-sha-256`, 'host all all 127.0.0.1/32 trust'];
  const rows = lines.map((line) => `('${line}')`).join(', ');
  await admin.run(`copy (select line from (values ${rows}) as lines (line)) to '${file}'`);
  await admin.run('select pg_reload_conf()');
}
