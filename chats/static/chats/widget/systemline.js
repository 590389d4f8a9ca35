// What a system message says, with the texts of the host.

import { PersonLookup } from "../personlookup.js";
import { SYSTEM_TEXTS, systemText } from "../systemtext.js";

export class SystemLine {
  constructor(client, texts) {
    this.client = client;
    this.texts = texts;
    this.sentences = { ...SYSTEM_TEXTS, ...texts.system };
    this.people = new PersonLookup(client);
  }

  of(message) {
    return systemText(message, (userId, isObject) => this.#nameOf(message, userId, isObject), this.sentences);
  }

  #nameOf(message, userId, isObject) {
    if (userId === this.client.store.me.id) return isObject ? this.texts.youToo : this.texts.you;
    const person = this.people.find(userId) ?? (userId === message.sent_by ? message.sender : null);
    return person ? person.display_name || person.username : this.texts.somebody;
  }
}
