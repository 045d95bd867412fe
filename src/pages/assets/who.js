/** The line above the explorer and the Sandbox: who is signed in, and signing out. */
const element = (id) => document.getElementById(id);

async function sayWho() {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query:
        '{ viewer { actor { __typename ... on Citizen { name } ... on Employee { name } ... on SystemClient { name } } actingIn { code } } }',
    }),
  });
  const { data } = await response.json();
  const viewer = data?.viewer;
  element('who').textContent = viewer
    ? `${viewer.actor.name}${viewer.actingIn ? `, ${viewer.actingIn.code}` : ''}`
    : 'not signed in';
  element('sign-out').hidden = !viewer;
  // After some time without activity the session is over; one says anew who one is, although the identity provider knows it.
  const again = element('again');
  if (again) again.hidden = Boolean(viewer);
}

element('sign-out').addEventListener('click', async () => {
  const response = await fetch('/sign-out', { method: 'POST' });
  const { continueAt = '/' } = response.status === 200 ? await response.json() : {};
  location.assign(continueAt);
});

sayWho().catch(() => {});
