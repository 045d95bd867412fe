import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
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
