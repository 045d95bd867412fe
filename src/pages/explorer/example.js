/** What the explorer and the Sandbox begin with: a person of the demo, whom two people see differently. */
export const query = `query ACitizen($cpr: CPR!) {
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
}
`;
export const variables = { cpr: '0201609995' };
export const headers = { 'x-purpose': 'Rådgivning' };
