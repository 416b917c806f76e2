import type { CommandSink } from '../engine/answer.ts';
import type { Tracing } from '../telemetry/tracing/tracing.ts';

/** Tells the traces which request a command came with. */
export function tracedSink(engine: CommandSink, tracing: Tracing): CommandSink {
  return {
    submit: (command) => {
      tracing.submitted(command);
      return engine.submit(command);
    },
  };
}
