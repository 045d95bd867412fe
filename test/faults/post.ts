/** One request as a client on a bad line sees it: whatever arrived, also of an answer that broke off. */
import { type Agent, request } from 'node:http';

export interface Received {
  /** `null`: not even the head of an answer arrived. */
  readonly status: number | null;
  readonly text: string;
  /** Whether the answer came to its end. */
  readonly whole: boolean;
}

/** Never rejects. */
export function post(
  agent: Agent,
  url: string,
  headers: Record<string, string>,
  body: object,
  patience: number,
): Promise<Received> {
  return new Promise((done) => {
    let status: number | null = null;
    let text = '';
    const over = (whole: boolean) => done({ status, text, whole });
    const sent = request(`${url}/graphql`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.setTimeout(patience, () => sent.destroy());
    sent.on('error', () => over(false));
    sent.on('response', (response) => {
      status = response.statusCode!;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => over(false));
      response.on('close', () => over(response.complete));
    });
    sent.end(JSON.stringify(body));
  });
}
