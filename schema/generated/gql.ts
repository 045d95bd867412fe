/* eslint-disable */
import * as types from './graphql.js';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query AccessLog($cpr: CPR!, $first: Int) {\n    citizen(cpr: $cpr) {\n      accessLog(first: $first) {\n        totalCount\n        nodes { at use purpose organisation { name } employee { name } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.AccessLogDocument,
    "\n  query LookUpWithCases($cpr: CPR!) { citizen(cpr: $cpr) { name address { street } cases { nodes { id title } } } }\n": typeof types.LookUpWithCasesDocument,
    "query PlainLookUp($cpr: CPR!) { citizen(cpr: $cpr) { name } }": typeof types.PlainLookUpDocument,
    "query OpenCaseOfCitizen($id: ID!) { case(id: $id) { title parties { citizen { name cpr } } } }": typeof types.OpenCaseOfCitizenDocument,
    "\n  query SearchCitizenByNumber($cpr: CPR!) { citizens(filter: { cpr: $cpr }) { totalCount nodes { name } } }\n": typeof types.SearchCitizenByNumberDocument,
    "\n  mutation ChangeCaseOfCitizen($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id parties { citizen { id } } } }\n": typeof types.ChangeCaseOfCitizenDocument,
    "\n      query LookUpAndMore($cpr: CPR!) { citizen(cpr: $cpr) { name } auditEntries { totalCount } }\n    ": typeof types.LookUpAndMoreDocument,
    "\n  mutation EnterCase($input: EnterCaseInput!) {\n    enterCase(input: $input) {\n      id number title progress sensitivity category openedOn closedOn changedAt clearance compartment { id }\n      documents { totalCount }\n    }\n  }\n": typeof types.EnterCaseDocument,
    "\n  mutation ChangeCase($id: ID!, $input: ChangeCaseInput!) {\n    changeCase(id: $id, input: $input) { id number title progress closedOn handler { id } parties { role } }\n  }\n": typeof types.ChangeCaseDocument,
    "mutation DeleteCase($id: ID!) { deleteCase(id: $id) }": typeof types.DeleteCaseDocument,
    "query ReadCase($id: ID!) { case(id: $id) { id number title progress clearance } }": typeof types.ReadCaseDocument,
    "\n  query CasesBefore($cpr: CPR!) { citizen(cpr: $cpr) { cases { totalCount nodes { id category number } } } }\n": typeof types.CasesBeforeDocument,
    "\n  query UsesOfCase($case: ID!) {\n    auditEntries(filter: { case: $case }) { nodes { use outcome actor { __typename ... on Employee { id } ... on SystemClient { name } } } }\n  }\n": typeof types.UsesOfCaseDocument,
    "\n  query Family {\n    viewer { person { ... on Citizen {\n      id\n      relatives { kind citizen {\n        id name address { street }\n        relatives { kind }\n        cases(first: 50) { totalCount nodes { id category clearance title number parties { role citizen { id } } documents(first: 5) { totalCount } } }\n        accessLog(first: 50) { totalCount nodes { organisation { name } employee { name } } }\n      } }\n      cases(first: 50) { totalCount nodes { id } }\n    } } }\n  }\n": typeof types.FamilyDocument,
    "query CaseOfChild($id: ID!) { case(id: $id) { id title } }": typeof types.CaseOfChildDocument,
    "query CasesOfFamily { cases(first: 500) { totalCount nodes { id } } }": typeof types.CasesOfFamilyDocument,
    "query LookUpChild($cpr: CPR!) { citizen(cpr: $cpr) { name } }": typeof types.LookUpChildDocument,
    "query LookUpSecretly($cpr: CPR!) { citizen(cpr: $cpr) { name cases { nodes { id } } } }": typeof types.LookUpSecretlyDocument,
    "\n  query AllThatTheLogSays($filter: AuditEntryFilter, $after: String) {\n    auditEntries(filter: $filter, first: 500, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id at use outcome right fields criterion faults purpose workstation transactionId requestId onBehalfOf follows\n        operation { name hash text }\n        actor { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }\n        subject { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }\n        organisation { id name }\n        actingFor { id name }\n        powerOfAttorney { id }\n        citizens { id }\n        cases { id }\n      }\n    }\n  }\n": typeof types.AllThatTheLogSaysDocument,
    "\n  query StrangersOnly($filter: AuditEntryFilter) {\n    rejectedAttempts(strangers: true, filter: $filter, first: 500) { nodes { id at actor { __typename } } }\n  }\n": typeof types.StrangersOnlyDocument,
    "query LookUpForExport($cpr: CPR!) { citizen(cpr: $cpr) { id name cases { nodes { id title } } } }": typeof types.LookUpForExportDocument,
    "query LegacyAccountAsked { viewer { legacyAccountAsked } }": typeof types.LegacyAccountAskedDocument,
    "mutation LinkLegacyAccount($userName: String!, $password: String!) {\n  linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked person { __typename } }\n}": typeof types.LinkLegacyAccountDocument,
    "mutation DeclineLegacyAccount { declineLegacyAccount { legacyAccountAsked } }": typeof types.DeclineLegacyAccountDocument,
    "\n  query PageOfCases($first: Int, $after: String, $orderBy: CaseOrder!, $filter: CaseFilter) {\n    cases(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {\n      totalCount\n      nodes { id number title openedOn changedAt }\n      edges { cursor node { id } }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": typeof types.PageOfCasesDocument,
    "\n  query PagesOfCasesOfCitizen($cpr: CPR!, $first: Int, $after: String) {\n    citizen(cpr: $cpr) {\n      cases(first: $first, after: $after, orderBy: TITLE_ASC) {\n        totalCount\n        nodes { id number title openedOn changedAt }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": typeof types.PagesOfCasesOfCitizenDocument,
    "\n  query PagesOfCases($first: Int, $after: String, $orderBy: CaseOrder!) {\n    cases(first: $first, after: $after, orderBy: $orderBy) {\n      totalCount\n      nodes { id number title openedOn changedAt }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.PagesOfCasesDocument,
    "query CountCases($filter: CaseFilter) { cases(first: 0, filter: $filter) { totalCount nodes { id } } }": typeof types.CountCasesDocument,
    "\n  query PageOfCitizens($first: Int, $after: String, $orderBy: CitizenOrder!, $filter: CitizenFilter) {\n    citizens(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {\n      totalCount\n      nodes { id name }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.PageOfCitizensDocument,
    "\n  query PageOfEmployees($first: Int, $after: String, $filter: EmployeeFilter) {\n    employees(first: $first, after: $after, filter: $filter) {\n      totalCount\n      nodes { id name organisation { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.PageOfEmployeesDocument,
    "\n  query EntriesOfOperation($filter: AuditEntryFilter!) {\n    auditEntries(filter: $filter, first: 5) {\n      totalCount\n      nodes {\n        id at use outcome right fields faults purpose workstation transactionId criterion\n        actor { __typename ... on Employee { id } ... on SystemClient { name } ... on Citizen { id } }\n        subject { ... on Employee { id } }\n        organisation { name }\n        operation { name hash text }\n        citizens { id }\n        cases { id }\n      }\n    }\n  }\n": typeof types.EntriesOfOperationDocument,
    "\n  query Rejected {\n    rejectedAttempts(first: 3) {\n      totalCount\n      nodes { id at use outcome faults workstation transactionId actor { __typename ... on Employee { id } } operation { name text } }\n    }\n  }\n": typeof types.RejectedDocument,
    "\n  query FamilyAndCases($cpr: CPR!) {\n    citizen(cpr: $cpr) {\n      id name\n      relatives { kind citizen { id name } }\n      cases { nodes { id title parties { role citizen { id } } } }\n    }\n  }\n": typeof types.FamilyAndCasesDocument,
    "query NamesOnly($cpr: CPR!) { citizen(cpr: $cpr) { name relatives { citizen { name } } } }": typeof types.NamesOnlyDocument,
    "\n  query SearchNobody($filter: CitizenFilter) { citizens(filter: $filter) { totalCount nodes { name } } }\n": typeof types.SearchNobodyDocument,
    "query MissingCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name } }": typeof types.MissingCitizenDocument,
    "query MissingCase($id: ID!) { case(id: $id) { title } }": typeof types.MissingCaseDocument,
    "query PartlyDenied { employees(first: 1) { totalCount } auditEntries { totalCount } }": typeof types.PartlyDeniedDocument,
    "query WhollyDenied($cpr: CPR!) { citizen(cpr: $cpr) { name } }": typeof types.WhollyDeniedDocument,
    "query AboutNobody { __typename }": typeof types.AboutNobodyDocument,
    "query SecretaryAtWork($cpr: CPR!) { citizen(cpr: $cpr) { cases { nodes { id title } } } }": typeof types.SecretaryAtWorkDocument,
    "query MalformedOrder($after: String) { cases(after: $after) { totalCount } }": typeof types.MalformedOrderDocument,
    "\n  query OrdinaryCasesOfCitizen($cpr: CPR!) {\n    citizen(cpr: $cpr) {\n      cases(orderBy: OPENED_ON_ASC) {\n        totalCount\n        nodes { id category clearance openedOn closedOn number title handler { name } documents { totalCount } }\n      }\n    }\n  }\n": typeof types.OrdinaryCasesOfCitizenDocument,
    "\n  query EveryOrdinaryCase($first: Int, $filter: CaseFilter) {\n    cases(first: $first, filter: $filter) { totalCount nodes { id category clearance number title documents { totalCount } } }\n  }\n": typeof types.EveryOrdinaryCaseDocument,
    "\n  query OrdinaryCasesWithDocuments($filter: CaseFilter) {\n    cases(filter: $filter) {\n      totalCount\n      nodes { id clearance number title documents { totalCount nodes { title kind text } } }\n    }\n  }\n": typeof types.OrdinaryCasesWithDocumentsDocument,
    "\n  query OneOrdinaryCase($id: ID!) { case(id: $id) { id title clearance parties { role citizen { name cpr } } } }\n": typeof types.OneOrdinaryCaseDocument,
    "query OrdinaryCaseByNumber($number: String!) { caseByNumber(number: $number) { id title } }": typeof types.OrdinaryCaseByNumberDocument,
    "\n  query EntriesOnCase($case: ID!) {\n    auditEntries(filter: { case: $case }) { totalCount nodes { id cases { id category clearance } citizens { id } } }\n  }\n": typeof types.EntriesOnCaseDocument,
    "\n  query EveryEntry($first: Int, $after: String) {\n    auditEntries(first: $first, after: $after) {\n      totalCount\n      nodes { id cases { id } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.EveryEntryDocument,
    "\n  query CourseWithCase($id: ID!) { treatmentCourse(id: $id) { id case { id category clearance } forms { kind } } }\n": typeof types.CourseWithCaseDocument,
    "\n  query CoursesOfCitizenWithCase($cpr: CPR!) { citizen(cpr: $cpr) { treatmentCourses { id case { id } } } }\n": typeof types.CoursesOfCitizenWithCaseDocument,
    "\n  query Viewer {\n    viewer {\n      person { __typename ... on Employee { name organisation { name } } ... on Citizen { cpr } ... on SystemClient { name scopes } }\n      actor { __typename }\n      organisation { name cvr }\n      rights { code source organisation { name } }\n      actingIn { code }\n      actingFor { name }\n      clearance { level operations compartment { id shielded } }\n      session { assurance idleTimeout authenticatedAt expiresAt }\n      notice { text dueAt }\n    }\n  }\n": typeof types.ViewerDocument,
    "mutation ActIn($right: RightCode!) { actIn(right: $right) { actingIn { code } rights { code } } }": typeof types.ActInDocument,
    "mutation Acknowledge { acknowledgeNotice { notice { text } } }": typeof types.AcknowledgeDocument,
    "mutation SignOut { signOut }": typeof types.SignOutDocument,
    "query FormCount { smdbForms(first: 0) { totalCount } }": typeof types.FormCountDocument,
    "\n  query Names($enums: [String!], $language: LabelLanguage) { labels(enums: $enums, language: $language) { enum value text } }\n": typeof types.NamesDocument,
    "query OwnName { viewer { person { __typename } } }": typeof types.OwnNameDocument,
    "\n  query ShieldedCases($first: Int, $filter: CaseFilter) {\n    cases(first: $first, filter: $filter) { totalCount nodes { id clearance compartment { id shielded } number title } }\n  }\n": typeof types.ShieldedCasesDocument,
    "\n  query ShieldedCase($id: ID!) {\n    case(id: $id) { id category clearance number title primaryParty { cpr } documents { totalCount } }\n  }\n": typeof types.ShieldedCaseDocument,
    "query ShieldedCaseByNumber($number: String!) { caseByNumber(number: $number) { id } }": typeof types.ShieldedCaseByNumberDocument,
    "\n  query ShieldedCasesOfCitizen($cpr: CPR!) {\n    citizen(cpr: $cpr) { cases { totalCount nodes { id category } } }\n  }\n": typeof types.ShieldedCasesOfCitizenDocument,
    "\n  mutation ChangeShieldedCase($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id title progress } }\n": typeof types.ChangeShieldedCaseDocument,
    "mutation DeleteShieldedCase($id: ID!) { deleteCase(id: $id) }": typeof types.DeleteShieldedCaseDocument,
    "\n      mutation EnterShieldedCase($input: EnterCaseInput!) { enterCase(input: $input) { id number clearance } }\n    ": typeof types.EnterShieldedCaseDocument,
    "\n  query SmdbForms($first: Int, $after: String, $filter: SmdbFormFilter) {\n    smdbForms(first: $first, after: $after, filter: $filter) {\n      totalCount\n      nodes { id kind reportedBy { id } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.SmdbFormsDocument,
    "\n  query SmdbCourse($id: ID!) {\n    treatmentCourse(id: $id) {\n      id requestedOn startedOn endedOn outcome\n      guarantee { dueOn }\n      citizen { cpr }\n      forms { kind answers reportedBy { id } versions { number } }\n    }\n  }\n": typeof types.SmdbCourseDocument,
    "\n  query SmdbCoursesOfCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name treatmentCourses { id } } }\n": typeof types.SmdbCoursesOfCitizenDocument,
    "\n  mutation ReportForm($input: ReportFormInput!) {\n    reportForm(input: $input) { id kind due status course { id requestedOn endedOn } reportedBy { id } onBehalfOf { id } }\n  }\n": typeof types.ReportFormDocument,
};
const documents: Documents = {
    "\n  query AccessLog($cpr: CPR!, $first: Int) {\n    citizen(cpr: $cpr) {\n      accessLog(first: $first) {\n        totalCount\n        nodes { at use purpose organisation { name } employee { name } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.AccessLogDocument,
    "\n  query LookUpWithCases($cpr: CPR!) { citizen(cpr: $cpr) { name address { street } cases { nodes { id title } } } }\n": types.LookUpWithCasesDocument,
    "query PlainLookUp($cpr: CPR!) { citizen(cpr: $cpr) { name } }": types.PlainLookUpDocument,
    "query OpenCaseOfCitizen($id: ID!) { case(id: $id) { title parties { citizen { name cpr } } } }": types.OpenCaseOfCitizenDocument,
    "\n  query SearchCitizenByNumber($cpr: CPR!) { citizens(filter: { cpr: $cpr }) { totalCount nodes { name } } }\n": types.SearchCitizenByNumberDocument,
    "\n  mutation ChangeCaseOfCitizen($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id parties { citizen { id } } } }\n": types.ChangeCaseOfCitizenDocument,
    "\n      query LookUpAndMore($cpr: CPR!) { citizen(cpr: $cpr) { name } auditEntries { totalCount } }\n    ": types.LookUpAndMoreDocument,
    "\n  mutation EnterCase($input: EnterCaseInput!) {\n    enterCase(input: $input) {\n      id number title progress sensitivity category openedOn closedOn changedAt clearance compartment { id }\n      documents { totalCount }\n    }\n  }\n": types.EnterCaseDocument,
    "\n  mutation ChangeCase($id: ID!, $input: ChangeCaseInput!) {\n    changeCase(id: $id, input: $input) { id number title progress closedOn handler { id } parties { role } }\n  }\n": types.ChangeCaseDocument,
    "mutation DeleteCase($id: ID!) { deleteCase(id: $id) }": types.DeleteCaseDocument,
    "query ReadCase($id: ID!) { case(id: $id) { id number title progress clearance } }": types.ReadCaseDocument,
    "\n  query CasesBefore($cpr: CPR!) { citizen(cpr: $cpr) { cases { totalCount nodes { id category number } } } }\n": types.CasesBeforeDocument,
    "\n  query UsesOfCase($case: ID!) {\n    auditEntries(filter: { case: $case }) { nodes { use outcome actor { __typename ... on Employee { id } ... on SystemClient { name } } } }\n  }\n": types.UsesOfCaseDocument,
    "\n  query Family {\n    viewer { person { ... on Citizen {\n      id\n      relatives { kind citizen {\n        id name address { street }\n        relatives { kind }\n        cases(first: 50) { totalCount nodes { id category clearance title number parties { role citizen { id } } documents(first: 5) { totalCount } } }\n        accessLog(first: 50) { totalCount nodes { organisation { name } employee { name } } }\n      } }\n      cases(first: 50) { totalCount nodes { id } }\n    } } }\n  }\n": types.FamilyDocument,
    "query CaseOfChild($id: ID!) { case(id: $id) { id title } }": types.CaseOfChildDocument,
    "query CasesOfFamily { cases(first: 500) { totalCount nodes { id } } }": types.CasesOfFamilyDocument,
    "query LookUpChild($cpr: CPR!) { citizen(cpr: $cpr) { name } }": types.LookUpChildDocument,
    "query LookUpSecretly($cpr: CPR!) { citizen(cpr: $cpr) { name cases { nodes { id } } } }": types.LookUpSecretlyDocument,
    "\n  query AllThatTheLogSays($filter: AuditEntryFilter, $after: String) {\n    auditEntries(filter: $filter, first: 500, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id at use outcome right fields criterion faults purpose workstation transactionId requestId onBehalfOf follows\n        operation { name hash text }\n        actor { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }\n        subject { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }\n        organisation { id name }\n        actingFor { id name }\n        powerOfAttorney { id }\n        citizens { id }\n        cases { id }\n      }\n    }\n  }\n": types.AllThatTheLogSaysDocument,
    "\n  query StrangersOnly($filter: AuditEntryFilter) {\n    rejectedAttempts(strangers: true, filter: $filter, first: 500) { nodes { id at actor { __typename } } }\n  }\n": types.StrangersOnlyDocument,
    "query LookUpForExport($cpr: CPR!) { citizen(cpr: $cpr) { id name cases { nodes { id title } } } }": types.LookUpForExportDocument,
    "query LegacyAccountAsked { viewer { legacyAccountAsked } }": types.LegacyAccountAskedDocument,
    "mutation LinkLegacyAccount($userName: String!, $password: String!) {\n  linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked person { __typename } }\n}": types.LinkLegacyAccountDocument,
    "mutation DeclineLegacyAccount { declineLegacyAccount { legacyAccountAsked } }": types.DeclineLegacyAccountDocument,
    "\n  query PageOfCases($first: Int, $after: String, $orderBy: CaseOrder!, $filter: CaseFilter) {\n    cases(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {\n      totalCount\n      nodes { id number title openedOn changedAt }\n      edges { cursor node { id } }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n": types.PageOfCasesDocument,
    "\n  query PagesOfCasesOfCitizen($cpr: CPR!, $first: Int, $after: String) {\n    citizen(cpr: $cpr) {\n      cases(first: $first, after: $after, orderBy: TITLE_ASC) {\n        totalCount\n        nodes { id number title openedOn changedAt }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n": types.PagesOfCasesOfCitizenDocument,
    "\n  query PagesOfCases($first: Int, $after: String, $orderBy: CaseOrder!) {\n    cases(first: $first, after: $after, orderBy: $orderBy) {\n      totalCount\n      nodes { id number title openedOn changedAt }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.PagesOfCasesDocument,
    "query CountCases($filter: CaseFilter) { cases(first: 0, filter: $filter) { totalCount nodes { id } } }": types.CountCasesDocument,
    "\n  query PageOfCitizens($first: Int, $after: String, $orderBy: CitizenOrder!, $filter: CitizenFilter) {\n    citizens(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {\n      totalCount\n      nodes { id name }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.PageOfCitizensDocument,
    "\n  query PageOfEmployees($first: Int, $after: String, $filter: EmployeeFilter) {\n    employees(first: $first, after: $after, filter: $filter) {\n      totalCount\n      nodes { id name organisation { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.PageOfEmployeesDocument,
    "\n  query EntriesOfOperation($filter: AuditEntryFilter!) {\n    auditEntries(filter: $filter, first: 5) {\n      totalCount\n      nodes {\n        id at use outcome right fields faults purpose workstation transactionId criterion\n        actor { __typename ... on Employee { id } ... on SystemClient { name } ... on Citizen { id } }\n        subject { ... on Employee { id } }\n        organisation { name }\n        operation { name hash text }\n        citizens { id }\n        cases { id }\n      }\n    }\n  }\n": types.EntriesOfOperationDocument,
    "\n  query Rejected {\n    rejectedAttempts(first: 3) {\n      totalCount\n      nodes { id at use outcome faults workstation transactionId actor { __typename ... on Employee { id } } operation { name text } }\n    }\n  }\n": types.RejectedDocument,
    "\n  query FamilyAndCases($cpr: CPR!) {\n    citizen(cpr: $cpr) {\n      id name\n      relatives { kind citizen { id name } }\n      cases { nodes { id title parties { role citizen { id } } } }\n    }\n  }\n": types.FamilyAndCasesDocument,
    "query NamesOnly($cpr: CPR!) { citizen(cpr: $cpr) { name relatives { citizen { name } } } }": types.NamesOnlyDocument,
    "\n  query SearchNobody($filter: CitizenFilter) { citizens(filter: $filter) { totalCount nodes { name } } }\n": types.SearchNobodyDocument,
    "query MissingCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name } }": types.MissingCitizenDocument,
    "query MissingCase($id: ID!) { case(id: $id) { title } }": types.MissingCaseDocument,
    "query PartlyDenied { employees(first: 1) { totalCount } auditEntries { totalCount } }": types.PartlyDeniedDocument,
    "query WhollyDenied($cpr: CPR!) { citizen(cpr: $cpr) { name } }": types.WhollyDeniedDocument,
    "query AboutNobody { __typename }": types.AboutNobodyDocument,
    "query SecretaryAtWork($cpr: CPR!) { citizen(cpr: $cpr) { cases { nodes { id title } } } }": types.SecretaryAtWorkDocument,
    "query MalformedOrder($after: String) { cases(after: $after) { totalCount } }": types.MalformedOrderDocument,
    "\n  query OrdinaryCasesOfCitizen($cpr: CPR!) {\n    citizen(cpr: $cpr) {\n      cases(orderBy: OPENED_ON_ASC) {\n        totalCount\n        nodes { id category clearance openedOn closedOn number title handler { name } documents { totalCount } }\n      }\n    }\n  }\n": types.OrdinaryCasesOfCitizenDocument,
    "\n  query EveryOrdinaryCase($first: Int, $filter: CaseFilter) {\n    cases(first: $first, filter: $filter) { totalCount nodes { id category clearance number title documents { totalCount } } }\n  }\n": types.EveryOrdinaryCaseDocument,
    "\n  query OrdinaryCasesWithDocuments($filter: CaseFilter) {\n    cases(filter: $filter) {\n      totalCount\n      nodes { id clearance number title documents { totalCount nodes { title kind text } } }\n    }\n  }\n": types.OrdinaryCasesWithDocumentsDocument,
    "\n  query OneOrdinaryCase($id: ID!) { case(id: $id) { id title clearance parties { role citizen { name cpr } } } }\n": types.OneOrdinaryCaseDocument,
    "query OrdinaryCaseByNumber($number: String!) { caseByNumber(number: $number) { id title } }": types.OrdinaryCaseByNumberDocument,
    "\n  query EntriesOnCase($case: ID!) {\n    auditEntries(filter: { case: $case }) { totalCount nodes { id cases { id category clearance } citizens { id } } }\n  }\n": types.EntriesOnCaseDocument,
    "\n  query EveryEntry($first: Int, $after: String) {\n    auditEntries(first: $first, after: $after) {\n      totalCount\n      nodes { id cases { id } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.EveryEntryDocument,
    "\n  query CourseWithCase($id: ID!) { treatmentCourse(id: $id) { id case { id category clearance } forms { kind } } }\n": types.CourseWithCaseDocument,
    "\n  query CoursesOfCitizenWithCase($cpr: CPR!) { citizen(cpr: $cpr) { treatmentCourses { id case { id } } } }\n": types.CoursesOfCitizenWithCaseDocument,
    "\n  query Viewer {\n    viewer {\n      person { __typename ... on Employee { name organisation { name } } ... on Citizen { cpr } ... on SystemClient { name scopes } }\n      actor { __typename }\n      organisation { name cvr }\n      rights { code source organisation { name } }\n      actingIn { code }\n      actingFor { name }\n      clearance { level operations compartment { id shielded } }\n      session { assurance idleTimeout authenticatedAt expiresAt }\n      notice { text dueAt }\n    }\n  }\n": types.ViewerDocument,
    "mutation ActIn($right: RightCode!) { actIn(right: $right) { actingIn { code } rights { code } } }": types.ActInDocument,
    "mutation Acknowledge { acknowledgeNotice { notice { text } } }": types.AcknowledgeDocument,
    "mutation SignOut { signOut }": types.SignOutDocument,
    "query FormCount { smdbForms(first: 0) { totalCount } }": types.FormCountDocument,
    "\n  query Names($enums: [String!], $language: LabelLanguage) { labels(enums: $enums, language: $language) { enum value text } }\n": types.NamesDocument,
    "query OwnName { viewer { person { __typename } } }": types.OwnNameDocument,
    "\n  query ShieldedCases($first: Int, $filter: CaseFilter) {\n    cases(first: $first, filter: $filter) { totalCount nodes { id clearance compartment { id shielded } number title } }\n  }\n": types.ShieldedCasesDocument,
    "\n  query ShieldedCase($id: ID!) {\n    case(id: $id) { id category clearance number title primaryParty { cpr } documents { totalCount } }\n  }\n": types.ShieldedCaseDocument,
    "query ShieldedCaseByNumber($number: String!) { caseByNumber(number: $number) { id } }": types.ShieldedCaseByNumberDocument,
    "\n  query ShieldedCasesOfCitizen($cpr: CPR!) {\n    citizen(cpr: $cpr) { cases { totalCount nodes { id category } } }\n  }\n": types.ShieldedCasesOfCitizenDocument,
    "\n  mutation ChangeShieldedCase($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id title progress } }\n": types.ChangeShieldedCaseDocument,
    "mutation DeleteShieldedCase($id: ID!) { deleteCase(id: $id) }": types.DeleteShieldedCaseDocument,
    "\n      mutation EnterShieldedCase($input: EnterCaseInput!) { enterCase(input: $input) { id number clearance } }\n    ": types.EnterShieldedCaseDocument,
    "\n  query SmdbForms($first: Int, $after: String, $filter: SmdbFormFilter) {\n    smdbForms(first: $first, after: $after, filter: $filter) {\n      totalCount\n      nodes { id kind reportedBy { id } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.SmdbFormsDocument,
    "\n  query SmdbCourse($id: ID!) {\n    treatmentCourse(id: $id) {\n      id requestedOn startedOn endedOn outcome\n      guarantee { dueOn }\n      citizen { cpr }\n      forms { kind answers reportedBy { id } versions { number } }\n    }\n  }\n": types.SmdbCourseDocument,
    "\n  query SmdbCoursesOfCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name treatmentCourses { id } } }\n": types.SmdbCoursesOfCitizenDocument,
    "\n  mutation ReportForm($input: ReportFormInput!) {\n    reportForm(input: $input) { id kind due status course { id requestedOn endedOn } reportedBy { id } onBehalfOf { id } }\n  }\n": types.ReportFormDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccessLog($cpr: CPR!, $first: Int) {\n    citizen(cpr: $cpr) {\n      accessLog(first: $first) {\n        totalCount\n        nodes { at use purpose organisation { name } employee { name } }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.js').AccessLogDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LookUpWithCases($cpr: CPR!) { citizen(cpr: $cpr) { name address { street } cases { nodes { id title } } } }\n"): typeof import('./graphql.js').LookUpWithCasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query PlainLookUp($cpr: CPR!) { citizen(cpr: $cpr) { name } }"): typeof import('./graphql.js').PlainLookUpDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query OpenCaseOfCitizen($id: ID!) { case(id: $id) { title parties { citizen { name cpr } } } }"): typeof import('./graphql.js').OpenCaseOfCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SearchCitizenByNumber($cpr: CPR!) { citizens(filter: { cpr: $cpr }) { totalCount nodes { name } } }\n"): typeof import('./graphql.js').SearchCitizenByNumberDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeCaseOfCitizen($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id parties { citizen { id } } } }\n"): typeof import('./graphql.js').ChangeCaseOfCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n      query LookUpAndMore($cpr: CPR!) { citizen(cpr: $cpr) { name } auditEntries { totalCount } }\n    "): typeof import('./graphql.js').LookUpAndMoreDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EnterCase($input: EnterCaseInput!) {\n    enterCase(input: $input) {\n      id number title progress sensitivity category openedOn closedOn changedAt clearance compartment { id }\n      documents { totalCount }\n    }\n  }\n"): typeof import('./graphql.js').EnterCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeCase($id: ID!, $input: ChangeCaseInput!) {\n    changeCase(id: $id, input: $input) { id number title progress closedOn handler { id } parties { role } }\n  }\n"): typeof import('./graphql.js').ChangeCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation DeleteCase($id: ID!) { deleteCase(id: $id) }"): typeof import('./graphql.js').DeleteCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ReadCase($id: ID!) { case(id: $id) { id number title progress clearance } }"): typeof import('./graphql.js').ReadCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CasesBefore($cpr: CPR!) { citizen(cpr: $cpr) { cases { totalCount nodes { id category number } } } }\n"): typeof import('./graphql.js').CasesBeforeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query UsesOfCase($case: ID!) {\n    auditEntries(filter: { case: $case }) { nodes { use outcome actor { __typename ... on Employee { id } ... on SystemClient { name } } } }\n  }\n"): typeof import('./graphql.js').UsesOfCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Family {\n    viewer { person { ... on Citizen {\n      id\n      relatives { kind citizen {\n        id name address { street }\n        relatives { kind }\n        cases(first: 50) { totalCount nodes { id category clearance title number parties { role citizen { id } } documents(first: 5) { totalCount } } }\n        accessLog(first: 50) { totalCount nodes { organisation { name } employee { name } } }\n      } }\n      cases(first: 50) { totalCount nodes { id } }\n    } } }\n  }\n"): typeof import('./graphql.js').FamilyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CaseOfChild($id: ID!) { case(id: $id) { id title } }"): typeof import('./graphql.js').CaseOfChildDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CasesOfFamily { cases(first: 500) { totalCount nodes { id } } }"): typeof import('./graphql.js').CasesOfFamilyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query LookUpChild($cpr: CPR!) { citizen(cpr: $cpr) { name } }"): typeof import('./graphql.js').LookUpChildDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query LookUpSecretly($cpr: CPR!) { citizen(cpr: $cpr) { name cases { nodes { id } } } }"): typeof import('./graphql.js').LookUpSecretlyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AllThatTheLogSays($filter: AuditEntryFilter, $after: String) {\n    auditEntries(filter: $filter, first: 500, after: $after) {\n      totalCount\n      pageInfo { hasNextPage endCursor }\n      nodes {\n        id at use outcome right fields criterion faults purpose workstation transactionId requestId onBehalfOf follows\n        operation { name hash text }\n        actor { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }\n        subject { __typename ... on Employee { id name } ... on SystemClient { id name } ... on Citizen { id name } }\n        organisation { id name }\n        actingFor { id name }\n        powerOfAttorney { id }\n        citizens { id }\n        cases { id }\n      }\n    }\n  }\n"): typeof import('./graphql.js').AllThatTheLogSaysDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StrangersOnly($filter: AuditEntryFilter) {\n    rejectedAttempts(strangers: true, filter: $filter, first: 500) { nodes { id at actor { __typename } } }\n  }\n"): typeof import('./graphql.js').StrangersOnlyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query LookUpForExport($cpr: CPR!) { citizen(cpr: $cpr) { id name cases { nodes { id title } } } }"): typeof import('./graphql.js').LookUpForExportDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query LegacyAccountAsked { viewer { legacyAccountAsked } }"): typeof import('./graphql.js').LegacyAccountAskedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation LinkLegacyAccount($userName: String!, $password: String!) {\n  linkLegacyAccount(userName: $userName, password: $password) { legacyAccountAsked person { __typename } }\n}"): typeof import('./graphql.js').LinkLegacyAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation DeclineLegacyAccount { declineLegacyAccount { legacyAccountAsked } }"): typeof import('./graphql.js').DeclineLegacyAccountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfCases($first: Int, $after: String, $orderBy: CaseOrder!, $filter: CaseFilter) {\n    cases(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {\n      totalCount\n      nodes { id number title openedOn changedAt }\n      edges { cursor node { id } }\n      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }\n    }\n  }\n"): typeof import('./graphql.js').PageOfCasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PagesOfCasesOfCitizen($cpr: CPR!, $first: Int, $after: String) {\n    citizen(cpr: $cpr) {\n      cases(first: $first, after: $after, orderBy: TITLE_ASC) {\n        totalCount\n        nodes { id number title openedOn changedAt }\n        pageInfo { hasNextPage endCursor }\n      }\n    }\n  }\n"): typeof import('./graphql.js').PagesOfCasesOfCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PagesOfCases($first: Int, $after: String, $orderBy: CaseOrder!) {\n    cases(first: $first, after: $after, orderBy: $orderBy) {\n      totalCount\n      nodes { id number title openedOn changedAt }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.js').PagesOfCasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query CountCases($filter: CaseFilter) { cases(first: 0, filter: $filter) { totalCount nodes { id } } }"): typeof import('./graphql.js').CountCasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfCitizens($first: Int, $after: String, $orderBy: CitizenOrder!, $filter: CitizenFilter) {\n    citizens(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {\n      totalCount\n      nodes { id name }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.js').PageOfCitizensDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfEmployees($first: Int, $after: String, $filter: EmployeeFilter) {\n    employees(first: $first, after: $after, filter: $filter) {\n      totalCount\n      nodes { id name organisation { name } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.js').PageOfEmployeesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EntriesOfOperation($filter: AuditEntryFilter!) {\n    auditEntries(filter: $filter, first: 5) {\n      totalCount\n      nodes {\n        id at use outcome right fields faults purpose workstation transactionId criterion\n        actor { __typename ... on Employee { id } ... on SystemClient { name } ... on Citizen { id } }\n        subject { ... on Employee { id } }\n        organisation { name }\n        operation { name hash text }\n        citizens { id }\n        cases { id }\n      }\n    }\n  }\n"): typeof import('./graphql.js').EntriesOfOperationDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Rejected {\n    rejectedAttempts(first: 3) {\n      totalCount\n      nodes { id at use outcome faults workstation transactionId actor { __typename ... on Employee { id } } operation { name text } }\n    }\n  }\n"): typeof import('./graphql.js').RejectedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FamilyAndCases($cpr: CPR!) {\n    citizen(cpr: $cpr) {\n      id name\n      relatives { kind citizen { id name } }\n      cases { nodes { id title parties { role citizen { id } } } }\n    }\n  }\n"): typeof import('./graphql.js').FamilyAndCasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query NamesOnly($cpr: CPR!) { citizen(cpr: $cpr) { name relatives { citizen { name } } } }"): typeof import('./graphql.js').NamesOnlyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SearchNobody($filter: CitizenFilter) { citizens(filter: $filter) { totalCount nodes { name } } }\n"): typeof import('./graphql.js').SearchNobodyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MissingCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name } }"): typeof import('./graphql.js').MissingCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MissingCase($id: ID!) { case(id: $id) { title } }"): typeof import('./graphql.js').MissingCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query PartlyDenied { employees(first: 1) { totalCount } auditEntries { totalCount } }"): typeof import('./graphql.js').PartlyDeniedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query WhollyDenied($cpr: CPR!) { citizen(cpr: $cpr) { name } }"): typeof import('./graphql.js').WhollyDeniedDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query AboutNobody { __typename }"): typeof import('./graphql.js').AboutNobodyDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query SecretaryAtWork($cpr: CPR!) { citizen(cpr: $cpr) { cases { nodes { id title } } } }"): typeof import('./graphql.js').SecretaryAtWorkDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query MalformedOrder($after: String) { cases(after: $after) { totalCount } }"): typeof import('./graphql.js').MalformedOrderDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OrdinaryCasesOfCitizen($cpr: CPR!) {\n    citizen(cpr: $cpr) {\n      cases(orderBy: OPENED_ON_ASC) {\n        totalCount\n        nodes { id category clearance openedOn closedOn number title handler { name } documents { totalCount } }\n      }\n    }\n  }\n"): typeof import('./graphql.js').OrdinaryCasesOfCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EveryOrdinaryCase($first: Int, $filter: CaseFilter) {\n    cases(first: $first, filter: $filter) { totalCount nodes { id category clearance number title documents { totalCount } } }\n  }\n"): typeof import('./graphql.js').EveryOrdinaryCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OrdinaryCasesWithDocuments($filter: CaseFilter) {\n    cases(filter: $filter) {\n      totalCount\n      nodes { id clearance number title documents { totalCount nodes { title kind text } } }\n    }\n  }\n"): typeof import('./graphql.js').OrdinaryCasesWithDocumentsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OneOrdinaryCase($id: ID!) { case(id: $id) { id title clearance parties { role citizen { name cpr } } } }\n"): typeof import('./graphql.js').OneOrdinaryCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query OrdinaryCaseByNumber($number: String!) { caseByNumber(number: $number) { id title } }"): typeof import('./graphql.js').OrdinaryCaseByNumberDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EntriesOnCase($case: ID!) {\n    auditEntries(filter: { case: $case }) { totalCount nodes { id cases { id category clearance } citizens { id } } }\n  }\n"): typeof import('./graphql.js').EntriesOnCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EveryEntry($first: Int, $after: String) {\n    auditEntries(first: $first, after: $after) {\n      totalCount\n      nodes { id cases { id } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.js').EveryEntryDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CourseWithCase($id: ID!) { treatmentCourse(id: $id) { id case { id category clearance } forms { kind } } }\n"): typeof import('./graphql.js').CourseWithCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CoursesOfCitizenWithCase($cpr: CPR!) { citizen(cpr: $cpr) { treatmentCourses { id case { id } } } }\n"): typeof import('./graphql.js').CoursesOfCitizenWithCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      person { __typename ... on Employee { name organisation { name } } ... on Citizen { cpr } ... on SystemClient { name scopes } }\n      actor { __typename }\n      organisation { name cvr }\n      rights { code source organisation { name } }\n      actingIn { code }\n      actingFor { name }\n      clearance { level operations compartment { id shielded } }\n      session { assurance idleTimeout authenticatedAt expiresAt }\n      notice { text dueAt }\n    }\n  }\n"): typeof import('./graphql.js').ViewerDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation ActIn($right: RightCode!) { actIn(right: $right) { actingIn { code } rights { code } } }"): typeof import('./graphql.js').ActInDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation Acknowledge { acknowledgeNotice { notice { text } } }"): typeof import('./graphql.js').AcknowledgeDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation SignOut { signOut }"): typeof import('./graphql.js').SignOutDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query FormCount { smdbForms(first: 0) { totalCount } }"): typeof import('./graphql.js').FormCountDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Names($enums: [String!], $language: LabelLanguage) { labels(enums: $enums, language: $language) { enum value text } }\n"): typeof import('./graphql.js').NamesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query OwnName { viewer { person { __typename } } }"): typeof import('./graphql.js').OwnNameDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShieldedCases($first: Int, $filter: CaseFilter) {\n    cases(first: $first, filter: $filter) { totalCount nodes { id clearance compartment { id shielded } number title } }\n  }\n"): typeof import('./graphql.js').ShieldedCasesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShieldedCase($id: ID!) {\n    case(id: $id) { id category clearance number title primaryParty { cpr } documents { totalCount } }\n  }\n"): typeof import('./graphql.js').ShieldedCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query ShieldedCaseByNumber($number: String!) { caseByNumber(number: $number) { id } }"): typeof import('./graphql.js').ShieldedCaseByNumberDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ShieldedCasesOfCitizen($cpr: CPR!) {\n    citizen(cpr: $cpr) { cases { totalCount nodes { id category } } }\n  }\n"): typeof import('./graphql.js').ShieldedCasesOfCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeShieldedCase($id: ID!, $input: ChangeCaseInput!) { changeCase(id: $id, input: $input) { id title progress } }\n"): typeof import('./graphql.js').ChangeShieldedCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation DeleteShieldedCase($id: ID!) { deleteCase(id: $id) }"): typeof import('./graphql.js').DeleteShieldedCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n      mutation EnterShieldedCase($input: EnterCaseInput!) { enterCase(input: $input) { id number clearance } }\n    "): typeof import('./graphql.js').EnterShieldedCaseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SmdbForms($first: Int, $after: String, $filter: SmdbFormFilter) {\n    smdbForms(first: $first, after: $after, filter: $filter) {\n      totalCount\n      nodes { id kind reportedBy { id } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): typeof import('./graphql.js').SmdbFormsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SmdbCourse($id: ID!) {\n    treatmentCourse(id: $id) {\n      id requestedOn startedOn endedOn outcome\n      guarantee { dueOn }\n      citizen { cpr }\n      forms { kind answers reportedBy { id } versions { number } }\n    }\n  }\n"): typeof import('./graphql.js').SmdbCourseDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SmdbCoursesOfCitizen($cpr: CPR!) { citizen(cpr: $cpr) { name treatmentCourses { id } } }\n"): typeof import('./graphql.js').SmdbCoursesOfCitizenDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ReportForm($input: ReportFormInput!) {\n    reportForm(input: $input) { id kind due status course { id requestedOn endedOn } reportedBy { id } onBehalfOf { id } }\n  }\n"): typeof import('./graphql.js').ReportFormDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
