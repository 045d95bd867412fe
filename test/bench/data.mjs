/** What the subgraphs answer: any number of made-up citizens with six cases each, the same in every run. */
const casesPerCitizen = 6;

const words = 'sag ansøgning bolig tilskud bevilling familie vurdering støtte møde notat aftale frist'.split(' ');
const sentence = (seed, length) => {
  let text = '';
  for (let step = seed; text.length < length; step += 7) text += `${words[step % words.length]} `;
  return text.slice(0, length).trim();
};
const place = (seed) => ({ name: `Hus ${seed % 90}`, phone: `+45 70${String(100_000 + (seed % 900_000))}` });

export const citizen = (id) => {
  const index = Number(id.slice(1));
  return {
    __typename: 'Citizen',
    id,
    name: `Person Nummer ${index}`,
    bornOn: `19${50 + (index % 50)}-0${1 + (index % 9)}-1${index % 10}`,
    address: { street: `Søndergade ${index}`, postcode: String(1000 + (index % 9000)), city: 'Korsbæk' },
    cases: () => Array.from({ length: casesPerCitizen }, (_, nth) => caseOf(`k${index * casesPerCitizen + nth}`)),
    home: place(index),
  };
};

export const caseOf = (id) => {
  const index = Number(id.slice(1));
  return {
    __typename: 'Case',
    id,
    number: `2026-${index}`,
    title: sentence(index, 72),
    status: index % 3 ? 'RUNNING' : 'CLOSED',
    summary: sentence(index, 690),
    clearance: 'DOCUMENTS',
    applicant: { __typename: 'Citizen', id: `c${Math.floor(index / casesPerCitizen)}` },
    caseworker: { __typename: 'Employee', id: `e${Math.floor(index / 5)}` },
    documents: () => [documentOf(`d${index}`)],
    venue: place(index * 3),
  };
};

export const documentOf = (id) => {
  const index = Number(id.slice(1));
  return {
    __typename: 'Document',
    id,
    title: sentence(index + 5, 68),
    text: sentence(index + 3, 940),
    author: { __typename: 'Employee', id: `e${Math.floor(index / 4) + 3}` },
  };
};

export const employee = (id) => ({
  __typename: 'Employee',
  id,
  name: `Ansat Nummer ${id.slice(1)}`,
  title: sentence(Number(id.slice(1)), 48),
  office: place(Number(id.slice(1)) * 11),
});

export const query = {
  citizen: ({ id }) => citizen(id),
  citizens: ({ from, first }) => Array.from({ length: first }, (_, nth) => citizen(`c${from + nth}`)),
  /** One of each citizen's, so that as many applicants differ. */
  cases: ({ from, first }) => Array.from({ length: first }, (_, nth) => caseOf(`k${(from + nth) * casesPerCitizen}`)),
};
