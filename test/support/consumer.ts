import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What is packed but not built. */
const packedAsItIs = ['package.json', 'README.md', 'LICENSE', 'bin'];

/** Somebody else's project that has this package installed, as npm packs it. */
export class Consumer {
  readonly folder = mkdtempSync(join(tmpdir(), 'consumer-'));

  /** Builds the package beside the checkout, so that nobody who uses what was built there is disturbed; packs and unpacks it. */
  static async install(): Promise<Consumer> {
    const consumer = new Consumer();
    const stage = join(consumer.folder, 'stage');
    const modules = join(consumer.folder, 'node_modules');
    const unpacked = join(modules, 'flash-sale-checkout');
    mkdirSync(unpacked, { recursive: true });
    await run(tool('tsc'), ['-p', 'tsconfig.build.json', '--outDir', join(stage, 'dist')]);
    for (const name of packedAsItIs) {
      cpSync(name, join(stage, name), { recursive: true });
    }
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', consumer.folder], { cwd: stage });
    const { name, version, dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const archive = join(consumer.folder, `${name}-${version}.tgz`);
    await run('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1']);
    rmSync(stage, { recursive: true });
    for (const dependency of [...Object.keys(dependencies), '@types/node']) {
      mkdirSync(dirname(join(modules, dependency)), { recursive: true });
      symlinkSync(resolve('node_modules', dependency), join(modules, dependency));
    }
    writeFileSync(join(consumer.folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    return consumer;
  }

  /**
   * Checks the types of a project of the consumer's own.
   *
   * @throws Error with what is wrong
   */
  async checkTypes(tsconfig: string): Promise<void> {
    await run(tool('tsc'), ['-p', tsconfig], { cwd: this.folder }).catch((error: { stdout: string }) => {
      throw new Error(error.stdout);
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function tool(name: string): string {
  return resolve('node_modules', '.bin', name);
}
