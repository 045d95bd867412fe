/** A message that the stand-in does not answer. Its text is for whoever set up the service provider that sent it. */
export class MessageRefused extends Error {}
