import { writeFileSync } from 'node:fs';
import { defaultText, flagOf, type Option, options } from '../src/config/options.ts';

const rows: readonly Option[] = options;

/** The files that are made from the table of options, by their path from the project's root. */
export const configurationFiles: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': configurationMarkdown,
  '.env.example': envExample,
};

function configurationMarkdown(): string {
  const secrets = rows.filter((row) => row.secret).map((row) => code(row.env));
  return `# Configuration

Made from the table in \`src/config/options.ts\` by \`npm run docs:config\`; change it there.

Each option is an environment variable and a flag. A flag wins over the environment, the environment over the
file \`.env\` in the working directory, and that over the default. \`.env.example\` lists every option to start
from. An empty variable counts as not set; only \`LOG_FILE\` may be set to nothing. A value that cannot be used
stops the start with one line that says which one it is, what was expected, and what came.

| variable | flag | default | value | |
| --- | --- | --- | --- | --- |
${rows.map(tableRow).join('\n')}

## Secrets

${secrets.join(', ')}

No log line and no error message shows the value of one of these; the lines at start name the database without
its user and password. Every user of a machine can read the flags of its processes, so give secrets in the
environment or in \`.env\`.

## Unsigned payment events

With neither \`WEBHOOK_SECRETS\` nor \`STRIPE_WEBHOOK_SECRETS\` set, anybody who reaches the port could call an
order paid. So unsigned payment events are taken only while \`HOST\` is a loopback address (\`127.0.0.0/8\`,
\`::1\`, \`localhost\`) and \`NODE_ENV\` is not \`production\`. Otherwise \`serve\` refuses to start.

## Logs

Log lines are JSON on stdout (made readable when that is a terminal) and in \`LOG_FILE\`, which is always the
file that is being written. At 100 MB it becomes \`flash-sale.log.1\`, the older ones count up, and ten files are
kept. Follow it with \`tail -F\`, which notices the change of files. Ids in log lines allow to act on holds and
orders, so treat the files as confidential; new ones are not readable by other users. When the file or stdout
cannot be written, one line on stderr says so and the sale goes on: up to 16 MiB of lines wait for each of the
two, further ones are dropped and counted.

## Several processes

With \`PROCESSES\` above 1, a primary process accepts the connections and deals them out in turn to so many
server processes, and owns stdout and the log file; each line then has the \`pid\` of the process that it is of.
They tell each other what their commits left, so a product looks the same whichever is asked. One of them runs the
worker. Each has a queue of \`QUEUE_MAX\` and database connections of its own, and without \`REDIS_URL\` counts
holds for \`RATE_LIMIT_HOLDS\` by itself. One that dies is replaced. Signal the primary process only: it ends the
others. An embedded database is written by one process at a time, so several of them only help with what comes
before and after.
`;
}

function tableRow(row: Option): string {
  const cells = [code(row.env), code(flagOf(row.env)), defaultCell(row), expectedCell(row), row.description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultCell(row: Option): string {
  const text = defaultText(row.default);
  const standard = text === '' ? 'none' : code(text);
  return row.productionDefault === undefined
    ? standard
    : `${standard}; ${code(defaultText(row.productionDefault))} in production`;
}

/** Angle brackets would be taken for HTML. */
function expectedCell(row: Option): string {
  return row.parser.expected.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function envExample(): string {
  const head = `# Copy this file to .env and take the # away from what you want to change.
# Made from the table of options by "npm run docs:config"; docs/configuration.md says more.
`;
  return [head, ...rows.map(exampleLines)].join('\n');
}

function exampleLines(row: Option): string {
  const production =
    row.productionDefault === undefined ? '' : ` In production: ${defaultText(row.productionDefault)}.`;
  return `# ${row.description}${production}\n# ${row.env}=${defaultText(row.default)}\n`;
}

function code(text: string): string {
  return `\`${text}\``;
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(configurationFiles)) {
    writeFileSync(path, content());
  }
}
