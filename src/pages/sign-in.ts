/** What a browser is shown where a sign-in or sign-out through the identity provider ends. In Danish: the people who read it are. */
import { type Html, html } from './html.js';

const framed = (title: string, content: Html): Html => html`<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="/assets/pages.css">
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>`;

/** The same for every reason: which it was is in the log. */
export const refusedPage: Html = framed(
  'Log ind eller log ud lykkedes ikke',
  html`<p>Svaret fra NemLog-in kunne ikke bruges. Forsøget er registreret.</p>
<p><a href="/login">Prøv igen</a></p>`,
);

/** `everywhere`: whether the identity provider says so too. */
export const signedOutPage = (everywhere: boolean): Html =>
  framed(
    'Du er logget ud',
    html`${everywhere ? html`` : html`<p>NemLog-in kunne ikke logge dig ud alle steder. Luk browseren for at være sikker.</p>\n`}<p><a href="/login">Log ind</a></p>`,
  );
