/** A message that the stand-in does not answer, in words for whoever set up the service provider that sent it. */
export class MessageRefused extends Error {}
