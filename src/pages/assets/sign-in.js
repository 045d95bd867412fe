const problem = document.getElementById('problem');

document.addEventListener('click', async (event) => {
  const person = event.target.closest('button[data-person]')?.dataset.person;
  if (!person) return;
  problem.hidden = true;
  try {
    const response = await fetch('/demo/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.errors[0].message);
    location.assign('/sandbox');
  } catch (error) {
    problem.textContent = `Signing in did not work: ${error.message}`;
    problem.hidden = false;
  }
});
