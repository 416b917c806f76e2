import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BuildCompilerFromPool } from '@fastify/ajv-compiler';
import type { SerializerCompiler, SerializerFactory } from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

type Controller = NonNullable<FastifyServerOptions['schemaController']>;
type ValidatorCompiler = ReturnType<BuildCompilerFromPool>;
type Validate = ReturnType<ValidatorCompiler>;

/** Compilers are CommonJS and called by the framework without waiting, so they cannot be imported when they are needed. */
const load = createRequire(import.meta.url);

/**
 * Makes code of the schemas of a route when it is first called. To do it for all routes takes half of a start, and a sale uses a few of
 * them. `compileInTurns` does it for the rest once the service is there, so that nobody waits for it in the sale.
 */
export class SchemasOnDemand {
  readonly factories = {
    buildValidator: (...given: Parameters<BuildCompilerFromPool>) => {
      const compiler = once((): ValidatorCompiler => load('@fastify/ajv-compiler')()(...given));
      return (...route: Parameters<ValidatorCompiler>): Validate => {
        const compiled = this.#later(() => compiler()(...route));
        const validate = (value: unknown) => {
          const isValid = compiled()(value);
          validate.errors = compiled().errors;
          return isValid;
        };
        validate.errors = undefined as Validate['errors'];
        // The framework calls it and reads its errors; the rest of what Ajv gives nobody asks for.
        return validate as Validate;
      };
    },
    buildSerializer: (...given: Parameters<SerializerFactory>) => {
      const compiler = once(
        (): SerializerCompiler => load('@fastify/fast-json-stringify-compiler')()(...given),
      );
      return (...route: Parameters<SerializerCompiler>) => {
        const compiled = this.#later(() => compiler()(...route));
        return (value: unknown) => compiled()(value);
      };
    },
  } satisfies Controller['compilersFactory'];
  readonly #waiting: (() => unknown)[] = [];

  /** Compiles one schema in each turn of the event loop, a few milliseconds each, until none is left. */
  async compileInTurns(): Promise<void> {
    for (const compile of this.#waiting.splice(0)) {
      await nextTurn();
      compile();
    }
  }

  #later<Compiled>(compile: () => Compiled): () => Compiled {
    const compiled = once(compile);
    this.#waiting.push(compiled);
    return compiled;
  }
}

function once<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
