/** Viewers as the gateway would sign them, for asking a room directly. */

/** A caseworker who is cleared at DOCUMENTS for these compartments. `compartments`: rows of `standingCompartments`. */
export function caseworker(municipality, compartments) {
  const employee = { kind: 'Employee', id: '00000000-0000-4000-8000-000000000001' };
  const ofShielded = compartments.filter(({ shielded }) => shielded).map(({ id }) => id);
  return {
    session: '00000000-0000-4000-8000-000000000002',
    municipality,
    subject: employee,
    actor: employee,
    organisation: null,
    right: 'CASEWORKER',
    actingFor: null,
    powerOfAttorney: null,
    scopes: ['case:read', 'citizen:read', 'employee:read'],
    clearance: compartments.map(({ id, shielded }) => ({
      ...{ compartment: id, level: 'DOCUMENTS', operations: ['SEARCH'], shielded },
    })),
    seal: { compartments: ofShielded, always: false, singleCases: [] },
    authenticatedAt: 0,
    assurance: 'Substantial',
  };
}
