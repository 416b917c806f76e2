import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { copied, type Stage, stagesOf } from '../support/dockerfile.ts';

const stages = stagesOf('Dockerfile');

function stageOf(name: string): Stage {
  const stage = stages.find((each) => each.name === name);
  if (stage === undefined) {
    throw new Error(`the Dockerfile has no stage ${name}`);
  }
  return stage;
}

/** What the stages below another one do, and then the stage itself. */
function withItsBase(stage: Stage): Stage['instructions'] {
  const base = stages.find(({ name }) => name === stage.from);
  return [...(base === undefined ? [] : withItsBase(base)), ...stage.instructions];
}

/** The variables of the tests, without those that npm sets for the script that runs them. */
function variables(): NodeJS.ProcessEnv {
  const kept = /^npm_config_(cache|cafile|globalconfig|registry|userconfig)$/;
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') || kept.test(name));
  return { ...Object.fromEntries(own), npm_config_prefer_offline: 'true', NODE_ENV: undefined };
}

/** Runs a stage in a folder: files as .dockerignore lets them in, commands as they stand. */
function runStage(stage: Stage, folder: string): void {
  for (const instruction of withItsBase(stage)) {
    if (instruction.word === 'COPY') {
      const { paths, to } = copied(instruction);
      for (const path of paths) {
        const target = to === './' ? join(folder, basename(path)) : join(folder, to);
        cpSync(path, target, { recursive: true, filter: (each) => !each.endsWith('.test.ts') });
      }
    } else if (instruction.word === 'RUN') {
      const { status, stdout, stderr } = spawnSync('sh', ['-c', instruction.given], {
        cwd: folder,
        env: variables(),
        encoding: 'utf8',
      });
      if (status !== 0) {
        throw new Error(`${instruction.given} ended with ${status}:\n${stdout}${stderr}`);
      }
    }
  }
}

describe('the Dockerfile', () => {
  it('builds the pages in its stage "pages" from the files that it copies', () => {
    const folder = mkdtempSync(join(tmpdir(), 'checkout-image-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));

    runStage(stageOf('pages'), folder);

    expect(existsSync(join(folder, 'dist/web/index.html'))).toBe(true);
  });

  it('leaves optional packages out of the image that the service does not need', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Readonly<Record<string, { readonly optional?: true; readonly dev?: true }>>;
    };
    const leftOut = Object.entries(packages).flatMap(([path, { optional, dev }]) =>
      optional && !dev ? [path.replace('node_modules/', '')] : [],
    );
    expect(leftOut.filter((name) => !name.startsWith('node-'))).toEqual(['@colors/colors', 'pg-cloudflare']);
  });

  it('gives the folder of the default database to the user that the service runs as', () => {
    const { instructions = [] } = stages.at(-1) ?? {};
    const user = instructions.find(({ word }) => word === 'USER')?.given;
    const made = instructions.findIndex(({ given }) => given.startsWith('install --directory'));
    expect(instructions[made]?.given).toMatch(new RegExp(`--owner=${user} .* data$`));
    expect(instructions.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(made);
  });
});
