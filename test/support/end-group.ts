/** Kills the processes of a group that still run. A process that could not be started has no group: 0 would be the group of the tests. */
export function endGroup(group: number | undefined): void {
  if (group === undefined) {
    return;
  }
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // The group has ended.
  }
}
