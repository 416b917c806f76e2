import { Argument, type Command, Option } from 'commander';
import type { EnvName } from '../config/options.ts';
import { addConfigFlags, type Flags } from './config-flags.ts';
import type { EventFlags } from './events.ts';
import { wholeNumber } from './flag-values.ts';

const storeFlags: readonly EnvName[] = ['DATABASE_URL', 'DB_LOG_QUERIES', 'SLOW_QUERY_MS'];

/** `bin/flash-sale events …`: events for others. Its module is loaded when one of them runs, as with every command. */
export function addEventCommands(program: Command): void {
  const events = program
    .command('events')
    .description('events for others: what was said, what could not be delivered, and to whom');
  const add = (name: string, summary: string) =>
    addConfigFlags(events.command(name).description(summary), storeFlags);

  add('list', 'deliveries, newest first')
    .addOption(new Option('--status <word>', 'only these').choices(['pending', 'delivered', 'dead']))
    .addOption(new Option('--endpoint <id>', 'only those to this endpoint'))
    .addOption(
      new Option('--limit <number>', 'how many at most')
        .default('50')
        .argParser((text) => String(wholeNumber(1, limitMax)(text))),
    )
    .action(async (flags: EventFlags) => (await import('./events.ts')).listDeliveries(flags));

  add('show', 'the body of an event, and how far its deliveries are')
    .argument('<event>', 'the id of the event, or the webhook-id that its receivers know')
    .action(async (event: string, flags: Flags) => (await import('./events.ts')).showEvent(flags, event));

  add('resend', 'send events once more, delivered or not; a running worker does it')
    .addArgument(new Argument('[events...]', 'ids of events'))
    .addOption(new Option('--dead-of <endpoint>', 'instead: all that were given up for this endpoint'))
    .action(async (given: readonly string[], flags: EventFlags) =>
      (await import('./events.ts')).resendEvents(flags, given),
    );

  addConfigFlags(events.command('endpoints').description('endpoints, with what waits for each'), [
    ...storeFlags,
    'EVENT_WEBHOOK_URLS',
  ]).action(async (flags: Flags) => (await import('./events.ts')).listEndpoints(flags));

  addConfigFlags(
    events.command('switch-on').description('send events to an endpoint again that has switched itself off'),
    [...storeFlags, 'EVENT_WEBHOOK_URLS'],
  )
    .argument('<endpoint>', 'the id of the endpoint')
    .action(async (endpoint: string, flags: Flags) =>
      (await import('./events.ts')).switchEndpointOn(flags, endpoint),
    );
}

const limitMax = 200;
