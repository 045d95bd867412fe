/** The pages of the stand-in, in Danish. They work without scripts; one script, in its own file, saves a click. */
import type { FastifyReply } from 'fastify';
import { type Markup, markup, nothing } from './markup.js';
import type { NemLoginPerson } from './people.js';

/** `target`: where a form of the page leads, directly or by redirect, besides the stand-in itself. */
export function send(reply: FastifyReply, page: Markup, target?: string) {
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        `form-action 'self' ${target ? new URL(target).origin : ''}`,
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .send(`<!doctype html>\n${page.text}`);
}

const layout = (title: string, main: Markup, script: Markup = nothing): Markup => markup`<html lang="da">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – NemLog-in (efterligning)</title>
<link rel="stylesheet" href="/assets/nemlogin.css">
${script}</head>
<body>
<header><p class="brand">NemLog-in <span>efterligning til afprøvning</span></p></header>
<main>
<h1>${title}</h1>
${main}
</main>
<footer><p>Dette er ikke NemLog-in. Ingen af personerne findes, og ingen bliver spurgt om adgangskode.</p></footer>
</body>
</html>`;

interface Pick {
  readonly people: readonly NemLoginPerson[];
  readonly service: string;
  readonly transaction: string;
  /** The person who is signed in already, if the service wants a confirmation. */
  readonly confirms: NemLoginPerson | null;
}

export const pickPage = ({ people, service, transaction, confirms }: Pick): Markup =>
  layout(
    'Log på',
    markup`<p>Tjenesten <strong>${service}</strong> vil vide, hvem du er. Vælg den person, du vil logge på som.</p>
${confirms ? markup`<p class="note" id="confirms">Du er allerede logget på som ${confirms.name}, men tjenesten beder dig bekræfte, hvem du er.</p>\n` : nothing}<form method="post" action="/pick">
<input type="hidden" name="transaction" value="${transaction}">
${group(
  'Medarbejdere',
  'professionals',
  people.filter(({ professional }) => professional),
)}${group(
  'Borgere',
  'citizens',
  people.filter(({ professional }) => !professional),
)}<p><button type="submit" class="quiet" id="cancel">Annullér</button></p>
</form>`,
  );

const group = (title: string, id: string, people: readonly NemLoginPerson[]): Markup =>
  people.length === 0
    ? nothing
    : markup`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<ul>
${people.map(
  ({ key, name, title, professional }) =>
    markup`<li><button type="submit" name="person" value="${key}"><strong>${name}</strong> <span>${title}</span>${professional ? markup` <small>${professional.orgName}, CVR ${professional.cvr}</small>` : nothing}</button></li>\n`,
)}</ul>
</section>
`;

export const sendingPage = (consumer: string, response: string, relayState: string | null): Markup =>
  layout(
    'Du sendes videre',
    markup`<p>Tjenesten får nu svar på, hvem du er.</p>
<form method="post" action="${consumer}" id="send">
<input type="hidden" name="SAMLResponse" value="${response}">
${relayState === null ? nothing : markup`<input type="hidden" name="RelayState" value="${relayState}">\n`}<p><button type="submit">Fortsæt</button></p>
</form>`,
    markup`<script src="/assets/send.js" defer></script>\n`,
  );

export const homePage = (person: NemLoginPerson | null): Markup =>
  person
    ? layout(
        'Din log-in',
        markup`<p>Du er logget på som <strong id="who">${person.name}</strong>, ${person.title}.</p>
<form method="post" action="/logout"><p><button type="submit">Log af</button></p></form>`,
      )
    : layout('Din log-in', markup`<p id="who">Du er ikke logget på.</p>`);

/** `everywhere`: whether the service says that it has ended its session too. */
export const loggedOutPage = (everywhere: boolean): Markup =>
  everywhere
    ? layout('Du er logget af', markup`<p>Du er logget af her og hos tjenesten.</p>`)
    : layout(
        'Du er logget af',
        markup`<p role="alert">Du er logget af her, men tjenesten kunne ikke logge dig af. Luk browseren.</p>`,
      );

/** The reason is in English, for the people who set up the service. */
export const refusedPage = (reason: string): Markup =>
  layout(
    'Anmodningen kan ikke besvares',
    markup`<p role="alert">Gå tilbage til tjenesten, og prøv igen.</p>
<p lang="en"><code>${reason}</code></p>`,
  );

export const brokenPage: Markup = layout(
  'Noget gik galt',
  markup`<p role="alert">Gå tilbage til tjenesten, og prøv igen.</p>`,
);
