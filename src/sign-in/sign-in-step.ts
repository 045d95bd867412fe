/**
 * One hop of a browser that signs in or out. What fails in it is in the log, with its reason, before the answer leaves; the answer
 * is one and the same for all reasons, and takes the same time for those that are soon found and those that are not.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { refuse as refuseWith } from '../../subgraphs/edge/answers.js';
import type { LogClient } from '../../subgraphs/edge/log-client.js';
import { writeEntryOrWithhold } from '../../subgraphs/edge/release.js';
import { type RequestRecord, requestRecordOf } from '../../subgraphs/edge/request-record.js';
import { Fault, type FaultCode, httpStatusOf } from '../../subgraphs/protocol/faults.js';
import type { WorkstationOf } from '../http/client-address.js';
import { page } from '../pages/page.js';
import { cancelledPage, refusedPage } from '../pages/sign-in.js';
import { wayOf } from '../sessions/sign-in-way.js';
import { onwardAfter } from './repeated-answer.js';

export interface HopOptions {
  readonly ledger: LogClient;
  readonly log: Logger;
  readonly workstationOf: WorkstationOf;
  readonly secureCookie: boolean;
  /** Milliseconds that every refusal takes at least: how far a message came must not be read off the clock. */
  readonly refusalTakes?: number;
  /** Names a refusal on its page and in the log, where it is the id of the request; without it all refusals are the same bytes. */
  readonly newReference?: () => string;
}

type Handle = () => Promise<FastifyReply>;

export async function hop(
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  options: HopOptions,
  handle: Handle,
) {
  const began = performance.now();
  try {
    return await handle();
  } catch (error) {
    const reference = options.newReference?.() ?? null;
    const code = await logged(name, error as Error, reference, request, options);
    await wait(Math.max(0, (options.refusalTakes ?? 300) - (performance.now() - began)));
    return failed(code, error as Error, reference, request, reply, options);
  }
}

async function logged(
  name: string,
  error: Error,
  reference: string | null,
  request: FastifyRequest,
  options: HopOptions,
): Promise<FaultCode> {
  const code = codeOf(error);
  if (code === 'INTERNAL') options.log.error({ err: error }, 'a sign-in failed');
  const record: RequestRecord = {
    ...requestRecordOf(request.raw, options.workstationOf(request.raw)),
    operationName: name,
    ...(reference !== null && { requestId: reference }),
  };
  record.faults.push(code, ...(error instanceof StepRefused ? [error.reason] : []));
  return (await writeEntryOrWithhold(record, options)) ?? code;
}

function codeOf(error: Error): FaultCode {
  if (error instanceof StepRefused) return error.reason === cancelled ? 'SIGN_IN_CANCELLED' : 'SIGN_IN_REFUSED';
  return error instanceof Fault ? error.code : 'INTERNAL';
}

function failed(
  code: FaultCode,
  error: Error,
  reference: string | null,
  request: FastifyRequest,
  reply: FastifyReply,
  { secureCookie }: HopOptions,
): FastifyReply {
  const way = wayOf(request.headers, secureCookie);
  if (code === 'SIGN_IN_CANCELLED') return page(reply, cancelledPage(way));
  if (code === 'SIGN_IN_REFUSED') {
    const onward = error instanceof StepRefused ? onwardAfter(error.reason, request.headers, secureCookie) : null;
    if (onward)
      return reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(onward, 303);
    return page(reply.status(httpStatusOf(code)), refusedPage(reference, way));
  }
  const detail = error instanceof Fault && error.code === code ? error.message : undefined;
  return refuseWith(request, reply, code, { detail });
}

/** The reason of a sign-in that nobody refused. */
const cancelled = 'SAML_CANCELLED';

/** Refused, for a reason that only the log is told. */
class StepRefused extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

export function refuse(reason: string): never {
  // The room's reasons are words of a closed list, as ours are; anything else does not get into the log as one.
  throw new StepRefused(/^[A-Z][A-Z0-9_]{2,60}$/.test(reason) ? reason : 'UNKNOWN_REASON');
}
