/**
 * The layout of the Danish pages, which the people who sign in see. The demo's own pages are for developers and in
 * English.
 */
import { type Html, html } from './html.js';

/** `script`: a file in `assets/`. */
export const danish = (title: string, content: Html, script: Html = html``): Html => html`<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title} – Sluse</title>
<link rel="stylesheet" href="/assets/pages.css">
${script}</head>
<body class="narrow">
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`;

/** Links to sign in as an employee or as a citizen. */
export const waysIn: Html = html`<p class="ways" lang="da"><a class="button" href="/login">Log på med NemLog-in</a>
<a href="/login?as=citizen">Log på som borger</a></p>`;
