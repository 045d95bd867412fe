/** The demo's people as NemLog-in knows them: names, organisations, CPR numbers and privileges, with titles in Danish. */
import { demoPeople, nemloginUuid, privilegeOf, rightsAtNemLogin } from './identity.js';
import {
  type DemoCitizen,
  type DemoEmployee,
  makeCitizens,
  makeEmployees,
  namedCitizens,
  organisations,
} from './people.js';
import { idFor } from './random.js';

const titles: Readonly<Record<string, string>> = {
  'guidance-worker': 'Borgervejleder i Borgerservice',
  'housing-caseworker': 'Sagsbehandler, boligstøtte',
  'placement-secretary': 'Sekretær for anbringelser',
  'board-secretary': 'Sekretær for Børn og unge-udvalget',
  'fraud-investigator': 'Medarbejder i kontrolgruppen (socialt bedrageri)',
  'smdb-reporter': 'Indberetter til SMDB',
  'smdb-health': 'Sundhedsfaglig indberetter til SMDB',
  'smdb-leader': 'Faglig leder i rusmiddelrådgivningen',
  'centre-reporter': 'Indberetter på et behandlingscenter',
  manager: 'Leder af Borgerservice',
  'security-officer': 'Sikkerhedsmedarbejder',
  'cleared-security-officer': 'Sikkerhedsmedarbejder med fuld indsigt',
  administrator: 'Systemadministrator',
  'centre-administrator': 'Administrator på et behandlingscenter',
  director: 'Kommunaldirektør',
  'ssp-worker': 'SSP-medarbejder',
  'marriage-secretary': 'Sekretær for vielsesmyndigheden',
  'folkeoplysning-secretary': 'Sekretær for folkeoplysningsudvalget',
  'licensing-secretary': 'Sekretær for bevillingsnævnet',
  'rent-board-secretary': 'Sekretær for huslejenævnet',
  'fence-inspection-secretary': 'Sekretær for hegnsynet',
  'records-officer': 'Journalmedarbejder',
  citizen: 'Borger',
  'other-citizen': 'En anden borger',
};

interface AtNemLogin {
  readonly key: string;
  readonly title: string;
  readonly uuid: string;
  readonly name: string;
  readonly citizen: { readonly cprNumber: string; readonly cprUuid: string } | null;
  readonly professional: {
    readonly cvr: string;
    readonly orgName: string;
    readonly productionUnit: string | null;
  } | null;
  readonly privileges: readonly { readonly scope: string; readonly uris: readonly string[] }[];
}

export function demoAtNemLogin(): AtNemLogin[] {
  const employees = new Map(makeEmployees().map((employee) => [employee.id, employee]));
  const citizens = makeCitizens();
  return demoPeople.flatMap<AtNemLogin>(({ key, kind, id }) => {
    // Systems do not sign in at NemLog-in.
    if (kind === 'SystemClient') return [];
    const title = titles[key];
    if (!title) throw new Error(`the demo person "${key}" has no title in Danish`);
    const known = { key, title, uuid: nemloginUuid(id) };
    if (kind === 'Employee') return [{ ...known, ...employeeAtNemLogin(key, employees.get(id)!) }];
    return [{ ...known, ...citizenAtNemLogin(key, citizens[namedCitizens[key]!]!) }];
  });
}

const citizenAtNemLogin = (key: string, { name, cpr }: DemoCitizen) => ({
  name,
  citizen: { cprNumber: cpr, cprUuid: idFor(`cpr/${key}`) },
  professional: null,
  privileges: [],
});

function employeeAtNemLogin(key: string, { name, organisation }: DemoEmployee) {
  const unit = organisations.find((one) => one.id === organisation)!;
  // NemLog-in does not know departments. It knows the municipality, by the CVR number that they share.
  const { cvr, name: orgName } = organisations.find((one) => one.cvr === unit.cvr)!;
  const uris = rightsAtNemLogin(key).map(privilegeOf);
  return {
    name,
    citizen: null,
    professional: { cvr, orgName, productionUnit: unit.pNumber },
    privileges: uris.length > 0 ? [{ scope: `urn:dk:gov:saml:cvrNumberIdentifier:${cvr}`, uris }] : [],
  };
}
