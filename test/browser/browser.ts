/** Debian's Chromium, or a printed reason why what needs it is not run. */
import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = process.env.SLUSE_TEST_BROWSER || '/usr/bin/chromium';
const there = existsSync(executablePath);
if (!there)
  process.stderr.write(
    `\nNOT RUN: the pages in a real browser, because there is no ${executablePath} (apt-get install chromium).\n`,
  );

export const describeInBrowser = there ? describe : describe.skip;

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** What only Apollo's servers have. */
export const apollo = /^https:\/\/[^/]*\.apollographql\.com\//;

/** A page of its own, with cookies of its own, and what went wrong in it; that nothing of Apollo's can be had is expected. */
export async function openPage(
  browser: Browser,
  size = { width: 1280, height: 900 },
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: size });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (/apollographql\.com/.test(`${message.location().url} ${message.text()}`)) return;
    problems.push(message.text());
  });
  // Nothing leaves the machine, wherever the tests run.
  await page.route(apollo, (route) => route.abort());
  return { page, problems };
}
