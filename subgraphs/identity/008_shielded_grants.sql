-- Whoever holds a grant of something shielded is logged under seal. A grant whose `shielded` says otherwise would put that work
-- into the open log, so the table refuses it: only a compartment of ordinary cases may be held without.
--
-- The list is `ordinary_case.category`'s of cases/001_cases.sql (in TypeScript `ordinaryCategories`, kit/compartments.ts); a test
-- compares the three. A single case's compartment (`….CASE.<id>`) is not in it: only shielded cases have one. A database that
-- holds such a grant is refused, not mended: what was logged openly by then is for somebody to look at.
ALTER TABLE clearance_grant ADD CONSTRAINT shielded_unless_ordinary CHECK (
  shielded
  OR (compartment = municipality || '.MUNICIPALITY.' || split_part(compartment, '.', 3)
      AND split_part(compartment, '.', 3) IN
        ('HOUSING_BENEFIT', 'CHILD_SUPPORT', 'DAY_CARE_SUBSIDY', 'RELOCATION', 'CASH_BENEFIT', 'DRUG_TREATMENT'))
);
