/**
 * Loaded before a program: the process sends itself SIGHUP whenever Node loads one of the files that `HANG_UP_AT` names, separated by
 * commas. The kernel delivers it before the file runs, and without a listener the process ends there.
 */
import { registerHooks } from 'node:module';

const files = (process.env.HANG_UP_AT ?? '').split(',');

registerHooks({
  load: (url, context, next) => {
    if (files.some((file) => url.endsWith(file))) {
      process.kill(process.pid, 'SIGHUP');
    }
    return next(url, context);
  },
});
