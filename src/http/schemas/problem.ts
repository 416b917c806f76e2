import { errorCodes } from '../error-catalogue.ts';
import { operatorChoice } from './decisions.ts';
import { orderStatus } from './orders.ts';
import { paymentResult } from './payments.ts';
import { Type } from './type.ts';
import { count, id, instant, nullable, oneOf } from './values.ts';

const instantOrNull = nullable(instant);

/** Members that only the problems of some codes have. */
export const problemFields = {
  available_stock: Type.Optional(count),
  requested: Type.Optional(count),
  next_release_at: Type.Optional(instantOrNull),
  opens_at: Type.Optional(instantOrNull),
  closes_at: Type.Optional(instantOrNull),
  order_id: Type.Optional(id),
  order_status: Type.Optional(orderStatus),
  stock: Type.Optional(count),
  held_stock: Type.Optional(count),
  version: Type.Optional(Type.String()),
  retry_at: Type.Optional(instant),
  result: Type.Optional(paymentResult),
  decision: Type.Optional(operatorChoice),
  errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
};

/** Typed as the description takes it, which knows no schema with two types. */
export const problemSchema: object = Type.Object(
  {
    type: Type.String({ format: 'uri-reference', description: 'Where the code is explained.' }),
    title: Type.String(),
    status: Type.Integer({ description: 'The status of the answer.' }),
    detail: Type.String({ description: 'What is wrong, for people.' }),
    code: Type.Unsafe<string>({
      ...oneOf(...errorCodes),
      description: 'What is wrong, for programs. A code never changes its meaning.',
    }),
    request_id: Type.String({ description: 'The log has the request under it.' }),
    ...problemFields,
  },
  { description: 'An error as RFC 9457 has it. Some codes have more fields.' },
);
