// People by their ids. Those whom the store has not met are fetched, once each, and then it says that it knows them.

export class PersonLookup {
  #asked = new Set();

  constructor(client) {
    this.client = client;
  }

  /** Undefined while they are not known: for ever, where they are strangers. */
  find(userId) {
    const person = this.client.store.people.get(userId);
    if (!person && !this.#asked.has(userId)) this.#ask(userId);
    return person;
  }

  async #ask(userId) {
    const { store, people } = this.client;
    this.#asked.add(userId);
    const { mark } = store.known;
    try {
      store.emit("person", store.known.know(await people.get(userId), mark));
      store.emit("people");
    } catch (error) {
      if (error.isTemporary) this.#asked.delete(userId);
    }
  }
}
