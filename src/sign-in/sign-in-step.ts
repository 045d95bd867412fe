/**
 * Runs one step of a browser's sign-in or sign-out. A failure is logged with its reason before the answer leaves. The
 * answer is the same for every reason, and takes the same time whether the reason was found early or late.
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

export interface SignInStepOptions {
  readonly logClient: LogClient;
  readonly log: Logger;
  readonly workstationOf: WorkstationOf;
  readonly secureCookie: boolean;
  /** Minimum milliseconds for a refusal: the time must not reveal how far a message got. */
  readonly refusalTakes?: number;
  /**
   * Makes a reference for a refusal, shown on its page and logged as the request id. Without it, all refusals are
   * identical bytes.
   */
  readonly newReference?: () => string;
}

type Handle = () => Promise<FastifyReply>;

/** Runs `handle` as the step called `name`. If it throws, logs the failure and sends a refusal. */
export async function signInStep(
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  options: SignInStepOptions,
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
  options: SignInStepOptions,
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
  { secureCookie }: SignInStepOptions,
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

/** The reason for a sign-in that the person cancelled. */
const cancelled = 'SAML_CANCELLED';

/** A refusal whose reason goes only to the log. */
class StepRefused extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** Refuses the current step. The reason goes to the log only. */
export function refuse(reason: string): never {
  // Reasons are words from a closed list, ours and the room's. Nothing else may enter the log as a reason.
  throw new StepRefused(/^[A-Z][A-Z0-9_]{2,60}$/.test(reason) ? reason : 'UNKNOWN_REASON');
}
