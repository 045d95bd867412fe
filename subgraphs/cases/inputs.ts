/** What callers send to the cases room. criteria.ts and drafts.ts check whether it is well-formed. */
import { Field, ID, InputType } from 'type-graphql';
import { CPR, DateOnly, KLE } from '../protocol/scalars.js';
import { AuthorityCode, CaseCategory, CaseProgress, PartyRole, Sensitivity } from './enums.js';

@InputType({ description: 'Conditions on cases. All given conditions must hold.' })
export class CaseFilter {
  @Field(() => [CaseCategory], { nullable: true, description: 'Of one of these categories.' })
  categories?: CaseCategory[] | null;
  @Field(() => [AuthorityCode], { nullable: true, description: 'Of one of these authorities.' })
  authorities?: AuthorityCode[] | null;
  @Field(() => ID, { nullable: true, description: 'Id of a compartment.' })
  compartment?: string | null;
  @Field(() => KLE, { nullable: true, description: 'KLE number, or a pattern such as "27.24.*".' })
  kle?: string | null;
  @Field(() => [CaseProgress], { nullable: true, description: 'With one of these values of `progress`.' })
  progress?: CaseProgress[] | null;
  @Field(() => Boolean, { nullable: true, description: 'True: not closed. False: closed.' })
  open?: boolean | null;
  @Field(() => ID, { nullable: true, description: 'Id of a citizen who is a party to the case, in any role.' })
  citizen?: string | null;
  @Field(() => DateOnly, { nullable: true, description: 'Opened on that day or later.' })
  openedFrom?: string | null;
  @Field(() => DateOnly, { nullable: true, description: 'Opened on that day or earlier.' })
  openedTo?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'The full case number, such as "27.24.00-G01-5-19". Finds only cases that the viewer sees at METADATA or above.',
  })
  number?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'A part of the title, without regard to case, of at most 300 characters. Finds only cases that the viewer sees at METADATA or above.',
  })
  titleContains?: string | null;
}

@InputType({
  description:
    'A citizen who is to be a party to a case: either `cpr` or `citizen`. Who is not in the register of the municipality is refused.',
})
export class CasePartyInput {
  @Field(() => CPR, {
    nullable: true,
    description:
      'Personal number, with or without a hyphen. FORBIDDEN without the scope `citizen:match` or `citizen:read`.',
  })
  cpr?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of a citizen.' })
  citizen?: string | null;
  @Field(() => PartyRole, { description: 'Role of the citizen in the case.' })
  role!: PartyRole;
}

@InputType({
  description:
    'What a case system calls a case. It belongs to the client that gives it, within one compartment. It names one case for ever: after the case was deleted or moved it names none.',
})
export class ExternalIdInput {
  @Field(() => String, { description: 'The system that gave the id: 1 to 100 characters on one line.' })
  source!: string;
  @Field(() => String, {
    description: 'The id there: 1 to 200 characters on one line. Choose one that holds no personal data.',
  })
  id!: string;
}

@InputType({ description: 'A case to be entered. Authority and category decide its compartment.' })
export class EnterCaseInput {
  @Field(() => ExternalIdInput, {
    nullable: true,
    description:
      'What the case system calls the case. For a case that it entered under this id before, the answer is that case if the input is the same, and CONFLICT otherwise. For case systems with SEARCH in the compartment.',
  })
  externalId?: ExternalIdInput | null;
  @Field(() => AuthorityCode, {
    defaultValue: AuthorityCode.MUNICIPALITY,
    description:
      'The authority that the case belongs to. Authorities other than the municipality have BOARD_MATTER only.',
  })
  authority!: AuthorityCode;
  @Field(() => CaseCategory, { description: 'What kind of case it is.' })
  category!: CaseCategory;
  @Field(() => KLE, {
    description:
      'A full KLE number, not a pattern. Refused unless the municipality’s KLE table gives it to this authority and category.',
  })
  kle!: string;
  @Field(() => String, {
    defaultValue: 'G01',
    description: 'KLE facet (handlingsfacet): a letter and two digits. Becomes part of the number.',
  })
  facet!: string;
  @Field(() => String, { description: '1 to 300 characters on one line.' })
  title!: string;
  @Field(() => CaseProgress, { defaultValue: CaseProgress.OPSTAAET, description: 'Progress of the case.' })
  progress!: CaseProgress;
  @Field(() => Sensitivity, {
    defaultValue: Sensitivity.FORTROLIGE_PERSONOPLYSNINGER,
    description: 'Sensitivity of its data.',
  })
  sensitivity!: Sensitivity;
  @Field(() => DateOnly, {
    nullable: true,
    description: 'Day on which it was opened, from 1900-01-01 to today; today by default.',
  })
  openedOn?: string | null;
  @Field(() => DateOnly, {
    nullable: true,
    description:
      'Day on which it was closed, from `openedOn` to today. A case has one if its `progress` is AFSLUTTET, and only then.',
  })
  closedOn?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the employee who handles it.' })
  handler?: string | null;
  @Field(() => [CasePartyInput], { description: '1 to 50 citizens, each once, exactly one of them PRIMARY.' })
  parties!: CasePartyInput[];
}

@InputType({
  description:
    'What to change in a case. Values that are not given stay as they are. Null clears `closedOn` and `handler`, and leaves the others. Number, class and compartment are fixed.',
})
export class ChangeCaseInput {
  @Field(() => String, { nullable: true, description: '1 to 300 characters on one line.' })
  title?: string | null;
  @Field(() => CaseProgress, { nullable: true, description: 'Progress of the case.' })
  progress?: CaseProgress | null;
  @Field(() => Sensitivity, { nullable: true, description: 'Sensitivity of its data.' })
  sensitivity?: Sensitivity | null;
  @Field(() => DateOnly, { nullable: true, description: 'Day on which it was opened, from 1900-01-01 to today.' })
  openedOn?: string | null;
  @Field(() => DateOnly, {
    nullable: true,
    description:
      'Day on which it was closed, from `openedOn` to today. A case has one if its `progress` is AFSLUTTET, and only then.',
  })
  closedOn?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the employee who handles it.' })
  handler?: string | null;
  @Field(() => [CasePartyInput], {
    nullable: true,
    description: 'The new parties: 1 to 50 citizens, each once, exactly one of them PRIMARY.',
  })
  parties?: CasePartyInput[] | null;
}

@InputType({ description: 'A citizen who is to be a party to an imported case: either `cpr` or `citizen`.' })
export class ImportPartyInput {
  @Field(() => String, { nullable: true, description: 'Personal number, with or without a hyphen.' })
  cpr?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of a citizen.' })
  citizen?: string | null;
  @Field(() => PartyRole, { description: 'Role of the citizen in the case.' })
  role!: PartyRole;
}

@InputType({
  description:
    'A row of a batch: a case as the source has it now, whole. Class, dates and numbers are texts here, so that a wrong one refuses its row and not the batch.',
})
export class ImportCaseInput {
  @Field(() => ExternalIdInput, { description: 'What the source calls the case.' })
  externalId!: ExternalIdInput;
  @Field(() => String, {
    description:
      'The source’s version of the case: a whole number of at most 18 digits, or a time (RFC 3339). A source uses one of the two. The last version stays.',
  })
  sourceVersion!: string;
  @Field(() => AuthorityCode, {
    defaultValue: AuthorityCode.MUNICIPALITY,
    description: 'The authority that the case belongs to.',
  })
  authority!: AuthorityCode;
  @Field(() => CaseCategory, { description: 'What kind of case it is.' })
  category!: CaseCategory;
  @Field(() => String, {
    description: 'A full KLE number of this authority and category. Fixed once the case is entered.',
  })
  kle!: string;
  @Field(() => String, {
    defaultValue: 'G01',
    description: 'KLE facet (handlingsfacet): a letter and two digits. Fixed once the case is entered.',
  })
  facet!: string;
  @Field(() => String, { description: '1 to 300 characters on one line.' })
  title!: string;
  @Field(() => CaseProgress, { defaultValue: CaseProgress.OPSTAAET, description: 'Progress of the case.' })
  progress!: CaseProgress;
  @Field(() => Sensitivity, {
    defaultValue: Sensitivity.FORTROLIGE_PERSONOPLYSNINGER,
    description: 'Sensitivity of its data.',
  })
  sensitivity!: Sensitivity;
  @Field(() => String, { description: 'Day on which it was opened, YYYY-MM-DD, from 1900-01-01 to today.' })
  openedOn!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'Day on which it was closed, YYYY-MM-DD. A case has one if its `progress` is AFSLUTTET, and only then.',
  })
  closedOn?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the employee who handles it.' })
  handler?: string | null;
  @Field(() => [ImportPartyInput], { description: '1 to 50 citizens, each once, exactly one of them PRIMARY.' })
  parties!: ImportPartyInput[];
}

@InputType({ description: 'Where a case is to go.' })
export class MoveCaseInput {
  @Field(() => ID, { description: 'Id of the compartment where it goes: a standing one, or that of a single case.' })
  compartment!: string;
  @Field(() => KLE, {
    nullable: true,
    description: 'Its class there: a full KLE number of the compartment. May be left out where the present one fits.',
  })
  kle?: string | null;
}
