/**
 * The pages around signing in and out through the identity provider. They are in Danish, as are the people who read
 * them.
 */

import { signInPath, type Way } from '../sessions/sign-in-way.js';
import { type Html, html } from './html.js';
import { danish, waysIn } from './layout.js';

/** `ways`: whether an identity provider is configured. */
export const startPage = (ways: boolean): Html =>
  danish(
    'Sluse',
    ways
      ? waysIn
      : html`<p role="alert">Man kan ikke logge på her: der er ikke sat en identitetsudbyder op (SLUSE_SAML_IDP_METADATA).</p>`,
  );

/** Shown when the person cancelled, which is not an error. `way`: how they sign in. */
export const cancelledPage = (way: Way | null): Html =>
  danish(
    'Du afbrød log på',
    html`<p>Du er ikke logget på, fordi du afbrød hos NemLog-in.</p>
<p><a class="button" href="${signInPath(way)}">Prøv igen</a> <a href="/">Til forsiden</a></p>`,
  );

/** The same page for every reason. The reason is in the log, under the reference. */
export const refusedPage = (reference: string | null, way: Way | null): Html =>
  danish(
    'Det lykkedes ikke at logge på eller af',
    html`<p role="alert">Svaret fra NemLog-in kunne ikke bruges. Forsøget er registreret.</p>
${reference ? html`<p>Kontakt din administrator, hvis det sker igen, og oplys dette nummer: <code id="reference">${reference}</code></p>\n` : html``}<p><a class="button" href="${signInPath(way)}">Prøv igen</a> <a href="/">Til forsiden</a></p>`,
  );

/** `everywhere`: whether the identity provider confirms the sign-out. */
export const signedOutPage = (everywhere: boolean, way: Way | null): Html =>
  danish(
    'Du er logget af',
    html`${
      everywhere
        ? html`<p>Du er logget af her og hos NemLog-in.</p>`
        : html`<p role="alert">Du er logget af her, men NemLog-in kunne ikke logge dig af alle steder. Luk browseren for at være sikker.</p>`
    }
<p><a class="button" href="${signInPath(way)}">Log på</a> <a href="/">Til forsiden</a></p>`,
  );

/**
 * Shown once, to a person whose old SMDB account the identity room asks for. `returnTo`: where the browser continues.
 */
export const firstSignInPage = (returnTo: string): Html =>
  danish(
    'Havde du en konto i det gamle SMDB?',
    html`<p>Før NemLog-in loggede man på Stofmisbrugsdatabasen (SMDB) med brugernavn og adgangskode. Havde du sådan en konto,
så skriv dem her, og kontoen bliver knyttet til dit NemLog-in. Du bliver kun spurgt denne ene gang.</p>
<noscript><p role="alert">Siden kræver JavaScript.</p></noscript>
<form id="link" data-return="${returnTo}">
<label for="user-name">Gammelt brugernavn</label>
<input id="user-name" autocomplete="off" autocapitalize="none" spellcheck="false" required maxlength="200" aria-describedby="problem">
<label for="password">Gammel adgangskode</label>
<input id="password" type="password" autocomplete="off" required maxlength="200" aria-describedby="problem">
<p id="problem" role="alert" hidden></p>
<p class="ways"><button type="submit">Knyt kontoen til mit NemLog-in</button>
<button type="button" id="none" class="quiet">Jeg havde ingen konto</button></p>
</form>`,
    html`<script src="/assets/first-sign-in.js" defer></script>\n`,
  );
