import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { clientTypes, clientTypesFile } from '../../scripts/write-client-types.ts';
import { errorCodes, errorEntry } from '../../src/http/error-catalogue.ts';
import { problemFields } from '../../src/http/schemas/problem.ts';

describe("the client's types", () => {
  it('are those that the API description makes (if not: npm run client:types)', async () => {
    expect(readFileSync(clientTypesFile, 'utf8')).toBe(await clientTypes());
  });

  it('know every field that a problem can have, and no other', () => {
    const fields = errorCodes.flatMap((code) => errorEntry(code).fields);
    expect(Object.keys(problemFields).toSorted()).toEqual([...new Set(fields)].toSorted());
  });
});
