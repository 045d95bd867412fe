const example = `query ACitizen($cpr: CPR!) {
  viewer {
    actingIn { code }
  }
  citizen(cpr: $cpr) {
    name
    cases {
      totalCount
      nodes { clearance category number title }
    }
  }
}`;
const variables = JSON.stringify({ cpr: '0201609995' }, null, 2);
const element = (id) => document.getElementById(id);

const ask = (body) =>
  fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function sayWho() {
  const response = await ask({
    query:
      '{ viewer { actor { __typename ... on Citizen { name } ... on Employee { name } ... on SystemClient { name } } actingIn { code } } }',
  });
  const { data } = await response.json();
  const viewer = data?.viewer;
  element('who').textContent = viewer
    ? `${viewer.actor.name}${viewer.actingIn ? `, ${viewer.actingIn.code}` : ''}`
    : 'not signed in';
  // After some time without activity the session is over; one says anew who one is, although the identity provider knows it.
  const again = element('again');
  if (again) again.hidden = Boolean(viewer);
}

function openSandbox() {
  new window.EmbeddedSandbox({
    target: '#sandbox',
    initialEndpoint: `${location.origin}/graphql`,
    includeCookies: true,
    endpointIsEditable: false,
    runTelemetry: false,
    initialState: {
      document: example,
      variables: JSON.parse(variables),
      includeCookies: true,
      pollForSchemaUpdates: false,
    },
  });
}

/** Without a way to Apollo's servers there is still a way to ask. */
function openPlainForm() {
  element('plain').hidden = false;
  element('query').value = example;
  element('variables').value = variables;
  element('plain').addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const response = await ask({
        query: element('query').value,
        variables: JSON.parse(element('variables').value || '{}'),
      });
      element('answer').textContent = `HTTP ${response.status}\n${JSON.stringify(await response.json(), null, 2)}`;
    } catch (error) {
      element('answer').textContent = error.message;
    }
  });
}

element('sign-out').addEventListener('click', async () => {
  const response = await fetch('/sign-out', { method: 'POST' });
  const { continueAt = '/' } = response.status === 200 ? await response.json() : {};
  location.assign(continueAt);
});

sayWho().catch(() => {});
if (window.EmbeddedSandbox) openSandbox();
else openPlainForm();
