/** Serves the pages for browsers: the explorer, sign-out, and in embedded mode the start page of the demo. */
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { refuse } from '../../subgraphs/edge/answers.js';
import { Fault } from '../../subgraphs/protocol/faults.js';
import { type WorkstationOf, workstations } from '../http/client-address.js';
import { ownPath } from '../http/local-redirect.js';
import { rateLimit } from '../http/route-rate.js';
import { sessionCookieOf } from '../sessions/cookies.js';
import { type Sessions, tokenOf } from '../sessions/sessions.js';
import { explorerPages } from './explorer.js';
import { type Html, html } from './html.js';
import { waysIn } from './layout.js';
import { page } from './page.js';
import { firstSignInPage, startPage } from './sign-in.js';

export interface PersonToPick {
  readonly key: string;
  readonly kind: string;
  readonly id: string;
  /** Short title, such as "Guidance worker". */
  readonly role: string;
  /** One sentence: what this person may see. */
  readonly may: string;
}

export interface DemoPages {
  readonly sessions: Sessions;
  readonly people: readonly PersonToPick[];
  readonly secureCookie: boolean;
  /** Whether Apollo Sandbox is offered. It is loaded from Apollo's servers into a frame. */
  readonly apolloSandbox: boolean;
  readonly workstationOf?: WorkstationOf;
  /**
   * Returns where the browser continues to sign out at the identity provider too, and the cookie that it needs there.
   * Omitted if no identity provider is configured.
   */
  readonly onward?: (token: string) => Promise<{ readonly url: string; readonly cookie: string } | null>;
}

/** Embedded mode: anybody who can reach the page can sign in as anybody on it. */
export function demoPages(app: FastifyInstance, { people, ...options }: DemoPages): void {
  const { sessions, secureCookie } = options;
  const withinRate = limited(options);
  const signIn = signInPage(people, options.onward !== undefined);
  app.get('/', (_request, reply) => page(reply, signIn));
  app.post('/demo/sign-in', async (request, reply) => {
    withinRate(request);
    const key = (request.body as { person?: unknown } | null)?.person;
    const person = people.find((candidate) => candidate.key === key);
    if (!person)
      throw new Fault('BAD_USER_INPUT', `"person": expected one of ${people.map((one) => one.key).join(', ')}.`);
    // A session from before the sign-in never continues.
    const before = tokenOf(request.headers, secureCookie);
    if (before) await sessions.close(before);
    const { token, expiresAt } = await sessions.open({ kind: person.kind, id: person.id });
    return reply
      .headers({ 'cache-control': 'no-store', 'set-cookie': sessionCookieOf(token, secureCookie) })
      .send({ token, expiresAt });
  });
  commonPages(app, options);
}

/** Server mode: the demo sign-in is refused with an explanation, so that nobody takes its absence for a fault. */
export function serverPages(app: FastifyInstance, options: Omit<DemoPages, 'people'>): void {
  app.post('/demo/sign-in', async (request, reply) =>
    refuse(request, reply, 'FORBIDDEN', {
      status: 403,
      detail:
        'The demo sign-in exists in embedded mode only. DATABASE_URL is set, so this server holds real sessions; sign in through the identity provider.',
    }),
  );
  const start = startPage(options.onward !== undefined);
  app.get('/', (_request, reply) => page(reply, start));
  commonPages(app, options);
}

/** Limits requests that make, end or look up a session on behalf of unidentified callers. */
const limited = ({ workstationOf }: Pick<DemoPages, 'workstationOf'>) =>
  rateLimit({ address: 100, all: 400 }, workstationOf ?? workstations([]));

function commonPages(app: FastifyInstance, options: Omit<DemoPages, 'people'>): void {
  const { sessions, secureCookie, onward, apolloSandbox } = options;
  const withinRate = limited(options);
  explorerPages(app, { ways: onward !== undefined, apolloSandbox });
  app.get('/first-sign-in', (request, reply) =>
    page(reply, firstSignInPage(ownPath((request.query as { return?: unknown }).return) ?? '/sandbox')),
  );
  app.post('/sign-out', async (request, reply) => {
    // Browsers send `Sec-Fetch-Site`: another site, or another host of the domain, must not sign anybody out.
    const site = request.headers['sec-fetch-site'];
    if (site !== undefined && site !== 'same-origin' && site !== 'none')
      return refuse(request, reply, 'FORBIDDEN', {
        status: 403,
        detail: 'Expected to be asked by a page of this server (`Sec-Fetch-Site: same-origin`).',
      });
    const token = tokenOf(request.headers, secureCookie);
    if (token) withinRate(request);
    // Ask before closing: once the session is closed, nobody knows where it came from.
    const next = token ? await onward?.(token) : null;
    if (token) await sessions.close(token);
    const cookies = [sessionCookieOf(null, secureCookie), ...(next ? [next.cookie] : [])];
    reply.headers({ 'cache-control': 'no-store', 'set-cookie': cookies });
    return next ? reply.send({ continueAt: next.url }) : reply.status(204).send();
  });
  for (const [name, type] of [
    ['sign-in.js', 'text/javascript'],
    ['first-sign-in.js', 'text/javascript'],
    ['who.js', 'text/javascript'],
    ['pages.css', 'text/css'],
    ['frame.css', 'text/css'],
  ] as const) {
    const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
    app.get(`/assets/${name}`, (_request, reply) =>
      reply.type(`${type}; charset=utf-8`).header('x-content-type-options', 'nosniff').send(text),
    );
  }
}

const signInPage = (people: readonly PersonToPick[], ways: boolean): Html => html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Sluse: the demo municipality</title>
<link rel="stylesheet" href="/assets/pages.css">
<script src="/assets/sign-in.js" defer></script>
</head>
<body>
<header>
<h1>Sluse</h1>
<p>Korsbæk Kommune is made up, and so is everyone in it. Sign in as somebody, ask the same question as somebody else,
and compare: some cases exist for one of them only.</p>
${
  ways
    ? html`${waysIn}
<p>That is a NemLog-in of our own, with a page of its own. Or, without it:</p>
`
    : html``
}</header>
<main>
<ul class="people">
${people.map(
  (person) => html`<li>
<h2>${person.role}</h2>
<p>${person.may}</p>
<p><button type="button" data-person="${person.key}">Sign in as <code>${person.key}</code></button></p>
</li>
`,
)}</ul>
<p id="problem" role="alert" hidden></p>
</main>
<footer>
<p>For scripts: <code>POST /demo/sign-in</code> with <code>{"person":"guidance-worker"}</code> answers with a token for <code>Authorization: Bearer</code>.</p>
</footer>
</body>
</html>`;
