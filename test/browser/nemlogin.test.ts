import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { demoAtNemLogin } from '../../subgraphs/demo/nemlogin.js';
import { credentialsFile, startNemLogin } from '../../subgraphs/nemlogin/index.js';
import type { NemLogin } from '../../subgraphs/nemlogin/serve.js';
import { openServiceProvider, type ServiceProvider } from '../support/service-provider.js';
import { describeInBrowser, openBrowser, openPage } from './browser.js';

let directory: string;
let idp: NemLogin;
let sp: ServiceProvider;
let browser: Browser;
let page: Page;
let problems: string[];

const people = demoAtNemLogin();
const nameOf = (key: string) => people.find((person) => person.key === key)!.name;
const heading = (of: Page = page) => of.textContent('h1');
const pick = async (key: string) => {
  await page.goto(`${sp.url}/login`);
  await page.click(`button[value="${key}"]`);
  await page.waitForURL(sp.acs);
};
const shot = async (name: string) => {
  const folder = process.env.SLUSE_TEST_SCREENSHOTS;
  if (folder) await page.screenshot({ path: `${folder}/nemlogin-${name}.png`, fullPage: true });
};

describeInBrowser('the stand-in of NemLog-in in a real browser', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluse-nemlogin-'));
    const log = pino({ level: 'silent' });
    const serviceProvider = () => sp.metadata;
    const keyFile = join(directory, 'nemlogin-key.pem');
    idp = await startNemLogin({ embedded: true, port: 0, keyFile, people, serviceProvider, log });
    const credentials = await credentialsFile(join(directory, 'sp-key.pem'), 'A service', new Date());
    const certificate = new X509Certificate(idp.credentials.certificate);
    sp = await openServiceProvider(credentials, () => ({ ...idp, certificate }));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await sp?.close();
    await idp?.close();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    ({ page, problems } = await openPage(browser));
  });
  afterEach(async () => {
    await page.context().close();
    // Neither an error of a script nor anything that a Content-Security-Policy forbids, the way to the service included.
    expect(problems).toEqual([]);
  });

  it('a click signs in: the answer sends itself to the service, which learns who it is', async () => {
    await page.goto(`${sp.url}/login?to=/there`);
    expect(await heading()).toBe('Log på');
    expect(await page.textContent('main > p')).toContain('https://service.example');
    await shot('pick');
    await page.click('button[value="smdb-health"]');
    await page.waitForURL(sp.acs);
    expect(await heading()).toBe('signed in');
    expect(sp.signedIn.at(-1)!.attributes).toMatchObject({
      'https://data.gov.dk/model/core/eid/fullName': nameOf('smdb-health'),
    });
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  it('a second sign-in goes straight through; ForceAuthn asks again', async () => {
    await pick('manager');
    const known = sp.signedIn.length;
    await page.goto(`${sp.url}/login`);
    await page.waitForURL(sp.acs);
    expect(sp.signedIn).toHaveLength(known + 1);
    await page.goto(`${sp.url}/login?force`);
    expect(await page.textContent('#confirms')).toContain(`Du er allerede logget på som ${nameOf('manager')}`);
    await shot('confirm');
    expect(sp.signedIn).toHaveLength(known + 1);
    await page.click('button[value="manager"]');
    await page.waitForURL(sp.acs);
    expect(sp.signedIn).toHaveLength(known + 2);
  });

  it('signing out at the service ends the session here, and comes back to the service', async () => {
    await pick('administrator');
    await page.goto(`${idp.url}/`);
    expect(await page.textContent('#who')).toBe(nameOf('administrator'));
    await shot('home');
    await page.goto(`${sp.url}/logout`);
    expect(new URL(page.url()).origin).toBe(sp.url);
    expect(await heading()).toBe('signed out');
    await page.goto(`${idp.url}/`);
    expect(await page.textContent('#who')).toBe('Du er ikke logget på.');
  });

  it('signing out here ends the session at the service too', async () => {
    await pick('citizen');
    const { nameID, sessionIndex } = sp.signedIn.at(-1)!;
    await page.goto(`${idp.url}/`);
    await page.click('text=Log af');
    await page.waitForURL(/\/slo\?/);
    expect(await page.textContent('main p')).toBe('Du er logget af her og hos tjenesten.');
    await shot('logged-out');
    expect(sp.loggedOut.at(-1)).toMatchObject({ nameID, sessionIndex });
  });

  it('cancelling leads back to the service with nobody', async () => {
    const known = sp.signedIn.length;
    await page.goto(`${sp.url}/login`);
    await page.click('#cancel');
    await page.waitForURL(sp.acs);
    expect(await heading()).toContain('AuthnFailed');
    expect(sp.signedIn).toHaveLength(known);
    problems.splice(0, problems.length, ...problems.filter((text) => !text.includes('403 (Forbidden)')));
  });

  it('without script a button does what the script would', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    try {
      const plain = await context.newPage();
      await plain.goto(`${sp.url}/login`);
      await plain.click('button[value="manager"]');
      expect(await heading(plain)).toBe('Du sendes videre');
      await plain.click('text=Fortsæt');
      expect(await heading(plain)).toBe('signed in');
    } finally {
      await context.close();
    }
  });

  it('the keyboard alone is enough, every button says whom it is for, and one sees where one is', async () => {
    await page.goto(`${sp.url}/login`);
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('value')).toBe(people[0]!.key);
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    const { name, title } = people[1]!;
    await page.keyboard.press('Tab');
    const named = page.getByRole('button', { name: `${name} ${title}` });
    expect(await focused.getAttribute('value')).toBe(await named.getAttribute('value'));
    expect(await page.getByRole('region', { name: 'Medarbejdere' }).getByRole('button').count()).toBe(22);
    expect(await page.getByRole('region', { name: 'Borgere' }).getByRole('button').count()).toBe(2);
    await page.keyboard.press('Enter');
    await page.waitForURL(sp.acs);
    expect(sp.signedIn.at(-1)!.attributes).toMatchObject({ 'https://data.gov.dk/model/core/eid/fullName': name });
  });

  it.each([1280, 390])('no page is wider than a screen of %d pixels', async (width) => {
    await page.setViewportSize({ width, height: 844 });
    const fits = () => page.evaluate('document.documentElement.scrollWidth <= innerWidth');
    await page.goto(`${sp.url}/login`);
    expect(await fits()).toBe(true);
    await shot(`pick-${width}`);
    await page.goto(`${idp.url}/`);
    expect(await fits()).toBe(true);
    await page.goto(`${idp.url}/sso`);
    expect(await heading()).toBe('Anmodningen kan ikke besvares');
    expect(await fits()).toBe(true);
    await shot(`refused-${width}`);
    problems.splice(0, problems.length, ...problems.filter((text) => !text.includes('400 (Bad Request)')));
  });
});
