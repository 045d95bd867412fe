/** The three operations that every gateway is asked; a plan for them has 1, 4 and 8 subgraph calls. */
const list = `query List($from: Int!, $first: Int!) {
  cases(from: $from, first: $first) {
    id number title status
    applicant { id name bornOn }
    caseworker { id name title }
    documents { id title }
  }
}`;

const tree = `query Tree($from: Int!, $first: Int!) {
  citizens(from: $from, first: $first) {
    id name bornOn
    address { street postcode city }
    home { name phone }
    cases {
      id number title status summary
      venue { name phone }
      caseworker { id name title office { name phone } }
      documents { id title text author { id name title } }
    }
  }
}`;

const one = `query One($id: ID!) {
  citizen(id: $id) { id name bornOn address { street postcode city } }
}`;

/**
 * So many different requests of each shape are sent in turn, more than there are connections: some gateways answer several
 * callers who ask the same thing at the same time with one subgraph call, which callers in real life rarely do.
 */
const varied = (operationName, query, variables, variants = 128) =>
  Array.from({ length: variants }, (_, nth) => ({ operationName, query, variables: variables(nth) }));

export const shapes = {
  small: varied('One', one, (nth) => ({ id: `c${nth}` })),
  medium: varied('List', list, (nth) => ({ from: nth * 10, first: 10 })),
  large: varied('Tree', tree, (nth) => ({ from: nth * 20, first: 20 }), 72),
};

/** The tree at another size, for growth with the answer. Sluse answers at most 500 items of one page. */
export const treesOf = (citizens, variants) =>
  varied('Tree', tree, (nth) => ({ from: nth, first: citizens }), variants);

export const operations = { one, list, tree };
