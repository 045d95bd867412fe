import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Browser } from 'playwright-core';
import { serverPages } from '../../src/pages/index.js';
import { describeInBrowser, openBrowser, openPage } from './browser.js';

let browser: Browser;
let app: FastifyInstance;

const serve = (more: Partial<Parameters<typeof serverPages>[1]> = {}) => {
  app = Fastify({ forceCloseConnections: true });
  const nobody = () => Promise.reject(new Error('no session is needed to see a page'));
  const sessions = { viewerOf: nobody, open: nobody, close: nobody, changed: () => {} };
  serverPages(app, { sessions, secureCookie: false, ...more } as Parameters<typeof serverPages>[1]);
  return app.listen({ host: '127.0.0.1', port: 0 });
};

describeInBrowser('the start page of a server', () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterEach(() => app.close());
  afterAll(() => browser?.close());

  it('in Danish leads to the identity provider, and offers nobody of the demo', async () => {
    const url = await serve({ onward: async () => null });
    const { page, problems } = await openPage(browser);
    await page.goto(url);
    expect(await page.getAttribute('html', 'lang')).toBe('da');
    const links = await page.$$eval('main a', (found) =>
      found.map((link) => [link.textContent, link.getAttribute('href')]),
    );
    expect(links).toEqual([
      ['Log på med NemLog-in', '/login'],
      ['Log på som borger', '/login?as=citizen'],
    ]);
    expect(await page.locator('button').count()).toBe(0);
    const folder = process.env.SLUSE_TEST_SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/server-start.png` });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('says so where there is no identity provider, and leads nowhere', async () => {
    const url = await serve();
    const { page } = await openPage(browser);
    await page.goto(url);
    expect(await page.getByRole('alert').textContent()).toBe(
      'Man kan ikke logge på her: der er ikke sat en identitetsudbyder op (SLUSE_SAML_IDP_METADATA).',
    );
    expect(await page.locator('a').count()).toBe(0);
    await page.context().close();
  });
});

describe('the explorer', () => {
  const apollos = 'https://sandbox.embed.apollographql.com';
  afterEach(() => app.close());

  /** What a page may load, as its policy says, and what it names. */
  async function opened(path: string) {
    const { statusCode, headers, body } = await app.inject(path);
    const policy = String(headers['content-security-policy'] ?? '').split('; ');
    const allowed = Object.fromEntries(policy.map((one) => one.split(/ (.*)/, 2)));
    const named = [...body.matchAll(/<(?:script|link|iframe|img)[^>]* (?:src|href)="([^"]*)"/g)].map(([, url]) => url!);
    return { statusCode, allowed, named, body, headers };
  }

  it('loads what is here and nothing from elsewhere, and no script that stands in the page', async () => {
    await serve({ apolloSandbox: false });
    const { allowed, named, body, headers } = await opened('/sandbox');
    expect(allowed).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self' 'unsafe-inline'",
      'frame-src': "'none'",
      'font-src': "'self' data:",
      'img-src': "'self' data:",
      'connect-src': "'self'",
      'form-action': "'self'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    });
    expect(named.filter((url) => !/^(\/assets\/[\w-]+\.(js|css)|data:,)$/.test(url))).toEqual([]);
    expect(body).not.toMatch(/<script(?![^>]* src=)/);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    for (const url of named.filter((one) => one.startsWith('/')))
      expect((await app.inject(url)).headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
  });

  it('leads to Apollo’s Sandbox nowhere, unless it is asked for', async () => {
    await serve({ apolloSandbox: false });
    expect((await opened('/sandbox')).body).not.toMatch(/apollo/i);
    const refused = await opened('/sandbox/apollo');
    expect([refused.statusCode >= 400, refused.body]).toEqual([true, expect.stringContaining('SLUSE_APOLLO_SANDBOX')]);
    expect(refused.body).not.toContain(apollos);
    expect((await app.inject('/assets/sandbox.js')).statusCode).toBe(404);
  });

  it('where it is asked for, shows Apollo’s page in a frame, and runs no script of theirs in ours', async () => {
    await serve({ apolloSandbox: true });
    expect((await opened('/sandbox')).allowed['frame-src']).toBe("'none'");
    const { allowed, named } = await opened('/sandbox/apollo');
    expect([allowed['frame-src'], allowed['script-src'], allowed['connect-src']]).toEqual([
      apollos,
      "'self'",
      "'self'",
    ]);
    expect(named.filter((url) => !/^(\/assets\/|data:,$)/.test(url))).toEqual([]);
  });
});
