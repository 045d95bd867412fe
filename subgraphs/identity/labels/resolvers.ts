/** Display names of the schema's enum values. */
import { Arg, Field, ObjectType, Query, Resolver } from 'type-graphql';
import { ListSize, Use } from '../../protocol/directives.js';
import { labels } from '../../protocol/labels.js';
import { LabelLanguage } from '../enums.js';

@ObjectType({ description: 'What people call one value of an enum.' })
export class EnumLabel {
  @Field(() => String, { description: 'Name of the enum, such as `CaseCategory`.' })
  enum!: string;
  @Field(() => String, { description: 'The value, such as `HOUSING_BENEFIT`.' })
  value!: string;
  @Field(() => String, { description: 'The display name, such as "Boligstøtte".' })
  text!: string;
}

@Resolver()
export class LabelResolver {
  @Use('read')
  @ListSize(200)
  @Query(() => [EnumLabel], {
    nullable: true,
    description:
      'Display names of every value of the schema’s enums, in the order of the schema: by enum, then by value. An enum that the schema does not have gets no rows.',
  })
  labels(
    @Arg('enums', () => [String], { nullable: true, description: 'Names of enums; all of them by default.' })
    enums: string[] | null | undefined,
    @Arg('language', () => LabelLanguage, { defaultValue: LabelLanguage.DA, description: 'Language of the names.' })
    language: LabelLanguage,
  ): EnumLabel[] {
    const place = language === LabelLanguage.DA ? 0 : 1;
    const asked = enums ? new Set(enums) : null;
    return Object.entries(labels).flatMap(([name, values]) =>
      asked && !asked.has(name)
        ? []
        : Object.entries(values).map(([value, texts]) => ({ enum: name, value, text: texts[place] })),
    );
  }
}
