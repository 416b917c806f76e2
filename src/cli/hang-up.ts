/**
 * SIGHUP reopens the log of a service (run-service.ts). Node ends a process at SIGHUP unless it has a listener, also where the
 * process inherited the signal as ignored. So a service listens from its first line on. Windows sends SIGHUP when a console is
 * closed and ends the process anyway; there the default stays.
 */
function ignore(): void {}

/** Keeps SIGHUP from ending this process while it starts, before the log is open. */
export function surviveHangUp(): void {
  if (process.platform !== 'win32') {
    process.on('SIGHUP', ignore);
  }
}

/** For commands that end by themselves: a closed terminal ends them. */
export function endAtHangUp(): void {
  process.removeListener('SIGHUP', ignore);
}

/** Calls `reopen` at each SIGHUP. */
export function onHangUp(reopen: () => void): void {
  if (process.platform !== 'win32') {
    process.on('SIGHUP', reopen);
  }
}
