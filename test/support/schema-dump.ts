import type { OpenDatabase } from './databases.ts';

/** The schema of a database as text that is the same for every run and server of its kind: all that migrations made, and nothing else. */
export async function schemaDump({ url, run }: Pick<OpenDatabase, 'url' | 'run'>): Promise<string> {
  const rows = async (query: string) =>
    (await run(query)).map((row) => Object.values(row as Record<string, unknown>).map(String));
  const kind = url.slice(0, url.indexOf(':'));
  const dump = kind === 'sqlite' ? sqliteDump : kind === 'mysql' ? mysqlDump : postgresDump;
  return `${(await dump(rows)).join('\n\n')}\n`;
}

type Rows = (query: string) => Promise<readonly (readonly string[])[]>;

async function sqliteDump(rows: Rows): Promise<readonly string[]> {
  const statements = await rows(
    `select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name`,
  );
  // SQLite keeps a statement as it was written, which is one long line.
  return statements.map(
    ([statement = '']) => `${statement.replaceAll(/, (?=["\w]+ |constraint)/g, ',\n  ')};`,
  );
}

async function mysqlDump(rows: Rows): Promise<readonly string[]> {
  const tables = await rows(
    'select table_name from information_schema.tables where table_schema = database() order by table_name',
  );
  return Promise.all(
    tables.map(async ([table]) => {
      const [[, statement = ''] = []] = await rows(`show create table ${table}`);
      // Behind the last parenthesis stands what the server chose and how far its counters are.
      return `${statement.slice(0, statement.lastIndexOf(')'))}) ${/ENGINE=\w+/.exec(statement)?.[0]};`;
    }),
  );
}

async function postgresDump(rows: Rows): Promise<readonly string[]> {
  const tables = await rows(
    `select relname, oid from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  return Promise.all(
    tables.map(async ([table, oid]) => {
      const columns = await rows(
        `select quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
          || case when collname is null or collname = 'default' then '' else ' collate ' || quote_ident(collname) end
          || case when attidentity = '' then '' else ' generated as identity' end
          || case when adbin is null then ''
             else case attgenerated when '' then ' default ' else ' generated as ' end || pg_get_expr(adbin, adrelid) end
          || case when attnotnull then ' not null' else '' end
        from pg_attribute
        left join pg_collation on pg_collation.oid = attcollation
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attrelid = ${oid} and attnum > 0 and not attisdropped order by attnum`,
      );
      // Newer versions list what is not null among the constraints too.
      const constraints = await rows(
        `select 'constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
        from pg_constraint where conrelid = ${oid} and contype in ('p', 'u', 'f', 'c') order by contype desc, conname`,
      );
      const indexes = await rows(
        `select pg_get_indexdef(indexrelid) from pg_index where indrelid = ${oid}
        and not exists (select 1 from pg_constraint where conindid = indexrelid) order by indexrelid::regclass::text`,
      );
      const lines = [...columns, ...constraints].map(([line]) => `  ${line}`);
      return [
        `create table ${table} (\n${lines.join(',\n')}\n);`,
        ...indexes.map(([index]) => `${index};`),
      ].join('\n');
    }),
  );
}
