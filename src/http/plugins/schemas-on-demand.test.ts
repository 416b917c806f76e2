import { expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';
import { SchemasOnDemand } from './schemas-on-demand.ts';

const possible = { type: 'integer', minimum: 1 };
const impossible = { type: 'no such type' };

/** As the framework asks for it. */
function validatorOf(schemas: SchemasOnDemand, schema: object) {
  return schemas.factories.buildValidator({}, { customOptions: {} })({ schema });
}

it('makes nothing of a schema before it is used', () => {
  const validate = validatorOf(new SchemasOnDemand(), impossible);
  expect(() => validate(1)).toThrow('schema is invalid');
});

it('validates, and tells the errors of the last value', () => {
  const check = validatorOf(new SchemasOnDemand(), possible);
  expect([check(0), check.errors?.[0]?.keyword]).toEqual([false, 'minimum']);
  expect([check(1), check.errors]).toEqual([true, null]);
});

it('makes what is left of all of them when it is told to', async () => {
  const schemas = new SchemasOnDemand();
  validatorOf(schemas, possible);
  await schemas.compileInTurns();
  validatorOf(schemas, impossible);
  await expect(schemas.compileInTurns()).rejects.toThrow('schema is invalid');
});

it('finds no fault in any schema of the service', async () => {
  const { app } = serverWith();
  await app.ready();
  await app.compileSchemas();
});
