const element = (id) => document.getElementById(id);
const form = element('link');
const problem = element('problem');

const texts = {
  WRONG_CREDENTIALS: 'Brugernavn og adgangskode passer ikke sammen. Efter for mange forsøg bliver adgangen spærret.',
  LOCKED_OUT: 'Adgangen er spærret efter for mange forsøg. Kontakt din administrator.',
  TOO_MANY_REQUESTS: 'Der er travlt lige nu. Prøv igen om lidt.',
  UNAUTHENTICATED: 'Du er ikke logget på længere. Log på igen.',
};

const goOn = () => location.replace(form.dataset.return);

function tell(code) {
  problem.textContent = texts[code] ?? 'Det lykkedes ikke. Prøv igen om lidt.';
  problem.hidden = false;
}

/** `null`, or the code of what went wrong. The password travels as a variable: the text of an operation is kept in the log. */
async function ask(query, variables = {}) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  return { data, code: errors?.[0]?.extensions?.code ?? null };
}

async function answer(query, variables) {
  problem.hidden = true;
  for (const button of form.querySelectorAll('button')) button.disabled = true;
  try {
    const { code } = await ask(query, variables);
    // Somebody who is not asked, or not any more, has nothing to do here.
    if (code === null || code === 'CONFLICT') return goOn();
    tell(code);
  } catch {
    tell(null);
  } finally {
    for (const button of form.querySelectorAll('button')) button.disabled = false;
  }
  element('password').value = '';
  element('password').focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  answer(
    'mutation LinkLegacyAccount($userName: String!, $password: String!) { linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked } }',
    { userName: element('user-name').value, password: element('password').value },
  );
});
element('none').addEventListener('click', () =>
  answer('mutation DeclineLegacyAccount { declineLegacyAccount { legacyAccountAsked } }'),
);

ask('query LegacyAccountAsked { viewer { legacyAccountAsked } }').then(
  ({ data, code }) => {
    if (data?.viewer && !data.viewer.legacyAccountAsked) goOn();
    else if (code) tell(code);
  },
  () => {},
);
