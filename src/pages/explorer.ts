/**
 * The pages for trying operations: GraphiQL, served from here with everything it needs, and Apollo Sandbox, whose frame
 * is loaded from Apollo's servers. Their scripts are bundled when Sluse is built (`explorer/bundle.mjs`).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { Fault } from '../../subgraphs/protocol/faults.js';
import { type Html, html } from './html.js';
import { page } from './page.js';

export interface ExplorerPages {
  /** Whether an identity provider is configured to sign in at. */
  readonly ways: boolean;
  readonly apolloSandbox: boolean;
}

/** The bundles are beside this file when Sluse runs as built. Tests run the sources. */
const beside = new URL('./bundles/', import.meta.url);
const bundles = existsSync(beside) ? beside : new URL('../../dist/src/pages/bundles/', import.meta.url);

export function explorerPages(app: FastifyInstance, { ways, apolloSandbox }: ExplorerPages): void {
  bundle(app, 'explorer.js', 'text/javascript');
  bundle(app, 'explorer.css', 'text/css');
  const explorer = explorerPage(ways, apolloSandbox);
  app.get('/sandbox', (_request, reply) => page(reply, explorer, { styles: true }));
  if (!apolloSandbox) {
    app.get('/sandbox/apollo', () => {
      throw new Fault(
        'FORBIDDEN',
        'Apollo’s Sandbox is loaded from Apollo’s servers and is not offered here. Set SLUSE_APOLLO_SANDBOX=true to offer it, or use /sandbox.',
      );
    });
    return;
  }
  bundle(app, 'sandbox.js', 'text/javascript');
  const sandbox = sandboxPage(ways);
  app.get('/sandbox/apollo', (_request, reply) =>
    page(reply, sandbox, { styles: true, frames: 'https://sandbox.embed.apollographql.com' }),
  );
}

/**
 * Serves a bundle with an ETag: it is megabytes long and changes only with Sluse, so a browser that has it gets 304.
 */
function bundle(app: FastifyInstance, name: string, type: string): void {
  const text = readFileSync(new URL(name, bundles));
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  app.get(`/assets/${name}`, (request, reply) => {
    reply.headers({ etag: tag, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' });
    if (request.headers['if-none-match'] === tag) return reply.status(304).send();
    return reply.type(`${type}; charset=utf-8`).send(text);
  });
}

const framed = (title: string, head: Html, links: Html, ways: boolean, content: Html): Html => html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Sluse: ${title}</title>
<link rel="stylesheet" href="/assets/frame.css">
${head}<script src="/assets/who.js" defer></script>
</head>
<body class="framed">
<nav><a href="/">Sluse</a> <span id="who"></span> ${links}${
  ways ? html`<a id="again" href="/login?again=1&amp;return=/sandbox" lang="da" hidden>Log på igen</a> ` : html``
}<button type="button" id="sign-out" hidden>Sign out</button></nav>
${content}
</body>
</html>`;

const explorerPage = (ways: boolean, apolloSandbox: boolean): Html =>
  framed(
    'explorer',
    html`<link rel="stylesheet" href="/assets/explorer.css">
<script src="/assets/explorer.js" defer></script>
`,
    apolloSandbox ? html`<a id="apollo" href="/sandbox/apollo">Apollo Sandbox</a> ` : html``,
    ways,
    html`<main id="explorer"></main>
<noscript><p role="alert">The explorer needs JavaScript.</p></noscript>`,
  );

const sandboxPage = (ways: boolean): Html =>
  framed(
    'Apollo Sandbox',
    html`<script src="/assets/sandbox.js" defer></script>
`,
    html`<a href="/sandbox">Explorer</a> `,
    ways,
    html`<p>The Sandbox is loaded from Apollo’s servers. If nothing appears, they cannot be reached from here: use the <a href="/sandbox">explorer</a>.</p>
<div id="sandbox"></div>`,
  );
