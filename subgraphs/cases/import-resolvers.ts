/** What case systems push: the batch and its outcomes, and what they call their cases. */
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { ListSize, RequiresScopes, Use } from '../protocol/directives.js';
import type { CasesContext } from './context.js';
import { type ImportedRow, importCases } from './import.js';
import { ImportCaseInput } from './inputs.js';
import type { CaseRow } from './store.js';
import { Case, ExternalId, ImportedCase, InputProblem } from './types.js';

@Resolver()
export class ImportResolver {
  @RequiresScopes(['case:write'])
  @Use('enter')
  @ListSize(1000)
  @Mutation(() => [ImportedCase], {
    nullable: true,
    description:
      'Enters and changes 1 to 1,000 cases of a case system, each by itself: one row that is wrong does not lose the others. The last version of the source stays, in whatever order and however often rows come. A row is refused without ENTER, and SEARCH at METADATA, in its compartment. FORBIDDEN for people.',
  })
  async importCases(
    @Ctx() context: CasesContext,
    @Arg('batch', () => [ImportCaseInput], { description: 'The rows, each case once.' }) batch: ImportCaseInput[],
  ): Promise<ImportedRow[]> {
    return importCases(context, batch);
  }
}

@Resolver(() => ImportedCase)
export class ImportedCaseResolver {
  @FieldResolver(() => Case, { nullable: true })
  async case(@Root() { caseId }: ImportedRow, @Ctx() { loaders }: CasesContext): Promise<CaseRow | null> {
    return caseId === null ? null : loaders.case.load(caseId);
  }

  @FieldResolver(() => [InputProblem])
  problems(@Root() { problems }: ImportedRow): InputProblem[] {
    return problems.map(({ path, message }) => ({ path: path.join('.'), message }));
  }
}

@Resolver(() => Case)
export class ExternalIdResolver {
  @FieldResolver(() => ExternalId, {
    nullable: true,
    description: 'What the viewer, a case system, called the case when it entered it. Null for everybody else.',
  })
  async externalId(@Root() row: CaseRow, @Ctx() { loaders, viewer }: CasesContext): Promise<ExternalId | null> {
    return viewer.actor.kind === 'SystemClient' ? loaders.externalId.load(row) : null;
  }
}
