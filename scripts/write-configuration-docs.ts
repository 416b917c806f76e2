import { writeFileSync } from 'node:fs';
import { defaultText, flagKindOf, flagOf, type Option } from '../src/config/option.ts';
import { options } from '../src/config/options.ts';
import { adminTokenLengthMin, signingSecretBytesMin } from '../src/config/secret-parsers.ts';

const rows: readonly Option[] = options;

/** The files that are made from the table of options, by their path from the project's root. */
export const configurationFiles: Readonly<Record<string, () => string>> = {
  'docs/configuration.md': configurationMarkdown,
  '.env.example': envExample,
};

function configurationMarkdown(): string {
  const secrets = rows.filter((row) => row.secret).map((row) => code(row.env));
  const withFlag = rows.filter((row) => row.flagWithoutPassword).map((row) => code(row.env));
  return `# Configuration

Made from the table in \`src/config/options.ts\` by \`npm run docs:config\`; change it there.

Each option is an environment variable and, unless it is a secret, a flag. A flag wins over the environment, the
environment over the file \`.env\` in the working directory, and that over the default. \`.env.example\` lists every
option to start from. An empty variable counts as not set; only \`LOG_FILE\` may be set to nothing. A value that
cannot be used stops the start with one line that says which one it is, what was expected, and what came.

## The file .env

The file is text in UTF-8. A byte-order mark at its beginning is skipped; a file in UTF-16 stops the start.

| a name in \`.env\` | what happens |
| --- | --- |
| is an option, or \`NAME_FILE\` of a secret | it is used |
| differs from an option in up to two letters, or in small letters only | the start stops with a line that names the option |
| is an option, with a colon or a space in the place of the equals sign | the start stops with a line that names the option |
| is any other name, such as \`COMPOSE_PROJECT_NAME\` | one warning line on stderr; the name is not used |

Only \`.env\` is checked in this way, because the environment also holds the names of other programs. \`HOME\` and \`OS\`
only warn, although both are close to \`HOST\`. A \`.env\` that other users of the machine have rights to gives a warning;
\`chmod 600 .env\` removes it. Windows has no such modes, so nothing is checked there.

## Options

| variable | flag | default | value | |
| --- | --- | --- | --- | --- |
${rows.map(tableRow).join('\n')}

## Secrets

${secrets.join(', ')}

No log line and no error message shows the value of one of these; the lines at start name the database without
its user and password.

**Flags.** Every user of a machine can read the flags of its processes. So secrets have no flags, except ${withFlag.join(', ')}.
These take a URL without a password as a flag.

**Files.** Each secret may stand in a file: \`ADMIN_TOKEN_FILE\` is the path of a file with the value of \`ADMIN_TOKEN\`,
in the environment and in \`.env\`. The line end behind the value and a byte-order mark are removed. A comma list is
written in the file as in the variable. Each of these stops the start:

- \`NAME\` and \`NAME_FILE\` are both set in the environment, or both in \`.env\`
- the file cannot be read
- the file is empty

A file that other users have rights to gives a warning. The warning is left out for a file that belongs to another
user, and below \`/run/secrets/\`: there a container engine chooses the mode (Docker: 0444).

**Length.** With \`NODE_ENV=production\` short secrets stop the start:

| secret | at least |
| --- | --- |
| \`ADMIN_TOKEN\` | ${adminTokenLengthMin} characters |
| \`WEBHOOK_SECRETS\`, \`EVENT_WEBHOOK_SECRETS\` | ${signingSecretBytesMin} bytes behind \`whsec_\`, decoded |
| \`STRIPE_WEBHOOK_SECRETS\` | ${signingSecretBytesMin} characters |

\`openssl rand -hex 32\` makes an admin token, and so does \`node -p "crypto.randomBytes(32).toString('hex')"\`.
\`echo "whsec_$(openssl rand -base64 32)"\` makes a signing secret.

## Unsigned payment events

With neither \`WEBHOOK_SECRETS\` nor \`STRIPE_WEBHOOK_SECRETS\` set, any client that reaches the port can mark an order
as paid. So \`serve\` accepts unsigned payment events only while all of these hold, and refuses to start otherwise:

- \`HOST\` is a loopback address (\`127.0.0.0/8\`, \`::1\`, \`localhost\`)
- \`NODE_ENV\` is not \`production\`
- \`TRUST_PROXY\` is not set: a proxy passes requests of other machines on

## Simulated payments

For trials \`serve\` has a payment provider that moves no money: [simulated payments](simulated-payments.md). With it any
client that reaches the port can mark an order as paid. So it is on only where \`HOST\` is a loopback address and each
of these is left out:

- \`NODE_ENV=production\`
- \`STRIPE_API_KEY\`
- \`WEBHOOK_SECRETS\`
- \`STRIPE_WEBHOOK_SECRETS\`
- \`TRUST_PROXY\`

\`SIMULATED_PAYMENTS=false\` turns it off. \`SIMULATED_PAYMENTS=true\` beside one of these settings stops the start with a
line that names both.

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
  const flag = flagKindOf(row) === 'none' ? 'none' : code(flagOf(row.env));
  const cells = [code(row.env), flag, defaultCell(row), expectedCell(row), row.description];
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
  const { parser, productionParser } = row;
  const production = productionParser === undefined ? '' : `; [longer in production](#secrets)`;
  return parser.expected.replaceAll('<', '&lt;').replaceAll('>', '&gt;') + production;
}

function envExample(): string {
  const head = `# Copy this file to .env and take the # away from what you want to change.
# Made from the table of options by "npm run docs:config"; docs/configuration.md says more.
# A secret may stand in a file: ADMIN_TOKEN_FILE=/path/of/a/file in the place of ADMIN_TOKEN, and so for every secret.
# This file holds secrets: chmod 600 .env
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
