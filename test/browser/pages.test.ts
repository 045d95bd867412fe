import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { demoPeople } from '../../subgraphs/demo/identity.js';
import { openWorld, type World } from '../support/world.js';
import { describeInBrowser, openBrowser, openPage, sandboxScript } from './browser.js';

let world: World;
let browser: Browser;
let page: Page;
let problems: string[];

const sessionCookie = 'sluse_session';

const signInAs = async (person: string) => {
  await page.goto(world.url);
  await page.click(`button[data-person="${person}"]`);
  await page.waitForURL(`${world.url}/sandbox`);
};
const shown = (selector: string, text: RegExp) => page.locator(selector).filter({ hasText: text }).waitFor();
const session = async () => (await page.context().cookies()).find(({ name }) => name === sessionCookie);
const statusWith = async (token: string): Promise<number> =>
  (await world.post('/graphql', { query: '{ viewer { actingIn { code } } }' }, { authorization: `Bearer ${token}` }))
    .status;

describeInBrowser('in a real browser', () => {
  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld({ shielded: true }), openBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  beforeEach(async () => {
    ({ page, problems } = await openPage(browser));
  });
  afterEach(async () => {
    await page.context().close();
    // Neither an error of our own scripts nor anything that our own Content-Security-Policy forbids them.
    expect(problems).toEqual([]);
  });

  it('the sign-in page lists everyone, by role, with what each may see', async () => {
    await page.goto(world.url);
    const people = await page.$$eval('.people li', (items) =>
      items.map((item) => ({
        role: item.querySelector('h2')?.textContent,
        may: item.querySelector('p')?.textContent,
        key: item.querySelector('button')?.dataset.person,
      })),
    );
    expect(people).toEqual(demoPeople.map(({ role, may, key }) => ({ role, may, key })));
    expect(people.length).toBeGreaterThanOrEqual(15);
  });

  it('a click signs in as that person: the Sandbox says who, and the cookie is out of the reach of scripts', async () => {
    await signInAs('placement-secretary');
    await shown('#who', /./);
    const { body } = await world.ask(
      'placement-secretary',
      '{ viewer { actor { ... on Employee { name } } actingIn { code } } }',
    );
    expect(await page.textContent('#who')).toBe(`${body.data.viewer.actor.name}, ${body.data.viewer.actingIn.code}`);
    expect(await session()).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/', secure: false, expires: -1 });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  it('where Apollo cannot be reached a plain form appears, runs the example, and says what it means', async () => {
    await signInAs('guidance-worker');
    expect(await page.isVisible('#plain')).toBe(true);
    expect(await page.textContent('#plain p')).toContain('cannot be reached from here');
    await page.click('#plain button[type=submit]');
    await shown('#answer', /^HTTP 200/);
    const answer = JSON.parse((await page.textContent('#answer'))!.replace(/^HTTP 200\n/, ''));
    expect(answer.errors).toBeUndefined();
    expect(answer.data.citizen.cases.totalCount).toBe(2);
    expect(answer.data.citizen.cases.nodes[0]).toMatchObject({ clearance: 'EXISTENCE', title: null });
  });

  it('two people get two answers to the same question in the same form', async () => {
    const totals: number[] = [];
    for (const person of ['guidance-worker', 'cleared-security-officer']) {
      await signInAs(person);
      await page.click('#plain button[type=submit]');
      await shown('#answer', /^HTTP \d/);
      totals.push(
        JSON.parse((await page.textContent('#answer'))!.replace(/^HTTP \d+\n/, '')).data.citizen.cases.totalCount,
      );
    }
    expect(totals).toEqual([2, 5]);
  });

  it('a mistake in the variables is told in the form, not thrown', async () => {
    await signInAs('guidance-worker');
    await page.fill('#variables', '{"cpr":');
    await page.click('#plain button[type=submit]');
    await shown('#answer', /./);
    expect(await page.textContent('#answer')).toMatch(/JSON/);
  });

  it('signing out leads back to the people, and the session is dead, not only forgotten', async () => {
    await signInAs('guidance-worker');
    const token = (await session())!.value;
    expect(await statusWith(token)).toBe(200);
    await page.click('#sign-out');
    await page.waitForURL(`${world.url}/`);
    expect(await session()).toBeUndefined();
    expect(await statusWith(token)).toBe(401);
  });

  it('signing in as somebody else ends the session before', async () => {
    await signInAs('guidance-worker');
    const token = (await session())!.value;
    await signInAs('manager');
    expect((await session())!.value).not.toBe(token);
    expect(await statusWith(token)).toBe(401);
  });

  it('the keyboard alone is enough: to sign in, to ask, to sign out, and one sees where one is', async () => {
    await page.goto(world.url);
    const focused = () => page.locator(':focus');
    await page.keyboard.press('Tab');
    expect(await focused().getAttribute('data-person')).toBe(demoPeople[0]!.key);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Tab');
    expect(await focused().getAttribute('data-person')).toBe(demoPeople[1]!.key);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${world.url}/sandbox`);
    await page.waitForSelector('#plain:not([hidden])');
    const places: string[] = [];
    for (let step = 0; step < 5; step += 1) {
      await page.keyboard.press('Tab');
      places.push((await focused().getAttribute('id')) ?? (await focused().textContent()) ?? '');
    }
    expect(places).toEqual(['Sluse', 'sign-out', 'query', 'variables', 'Run']);
    await page.keyboard.press('Enter');
    await shown('#answer', /^HTTP 200/);
    await page.focus('#sign-out');
    await page.keyboard.press('Space');
    await page.waitForURL(`${world.url}/`);
  });

  it('where Apollo can be reached the Sandbox is set up for this gateway, with the session and without telemetry', async () => {
    await page.unroute(sandboxScript);
    await page.route(sandboxScript, (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: 'window.EmbeddedSandbox = class { constructor(options) { window.given = options; } };',
      }),
    );
    await signInAs('administrator');
    await page.waitForFunction('"given" in window');
    expect(await page.evaluate('given')).toMatchObject({
      target: '#sandbox',
      initialEndpoint: `${world.url}/graphql`,
      includeCookies: true,
      endpointIsEditable: false,
      runTelemetry: false,
      initialState: { includeCookies: true, pollForSchemaUpdates: false, variables: { cpr: '0201609995' } },
    });
    expect(await page.isVisible('#plain')).toBe(false);
  });

  it('a stranger in the Sandbox is told to sign in, by the page and by the gateway', async () => {
    await page.goto(`${world.url}/sandbox`);
    await shown('#who', /./);
    expect(await page.textContent('#who')).toBe('not signed in');
    await page.click('#plain button[type=submit]');
    await shown('#answer', /^HTTP 401/);
    expect(await page.textContent('#answer')).toContain('UNAUTHENTICATED');
    // Chromium itself reports an answer of 401 on the console.
    problems.splice(0, problems.length, ...problems.filter((text) => !text.includes('401 (Unauthorized)')));
  });

  it.each([
    ['desktop', { width: 1280, height: 900 }],
    ['a telephone', { width: 390, height: 844 }],
  ])('no page is wider than %s', async (name, size) => {
    await page.setViewportSize(size);
    await page.goto(world.url);
    const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    expect(await fits()).toBe(true);
    const folder = process.env.SLUSE_TEST_SCREENSHOTS;
    if (folder) await page.screenshot({ path: `${folder}/sign-in-${size.width}.png`, fullPage: true });
    await signInAs('guidance-worker');
    await page.click('#plain button[type=submit]');
    await shown('#answer', /^HTTP 200/);
    if (folder) await page.screenshot({ path: `${folder}/sandbox-${size.width}.png`, fullPage: true });
    expect([name, await fits()]).toEqual([name, true]);
  });
});
