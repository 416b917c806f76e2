import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ErrorCode } from './error-catalogue.ts';
import type { VerifySignature } from './server-deps.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * What the route can answer besides its success and what every route can answer, for the API description.
     */
    errors?: readonly ErrorCode[];
    /** Its body is parsed only when this says yes to it. */
    verify?: VerifySignature;
    /** The header with the id that the sender signed: it is the key of an event whose body has none. */
    signedId?: string;
  }
}

/** A server whose handlers get the types of their schemas. */
export type ApiServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export const apiBase = '/api/v1';
