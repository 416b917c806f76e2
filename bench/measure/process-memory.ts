import { readFileSync } from 'node:fs';

/** Memory of a process that is in use, as the kernel counts it, in MB of 2^20 bytes: now, and the most there ever was. */
export function memoryMb(pid: number): { readonly nowMb: number; readonly mostMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { nowMb: field('VmRSS'), mostMb: field('VmHWM') };
}
