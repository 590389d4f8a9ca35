/** @template {Record<string, any>} Events what is emitted, by name */
export class Emitter<Events extends Record<string, any>> {
    /**
     * @template {keyof Events} Name
     * @param {Name} name
     * @param {(detail: Events[Name]) => void} listener
     * @returns {() => void}
     */
    on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): () => void;
    /**
     * Call the listeners. What one of them throws is reported as uncaught, and stops neither the others nor the client.
     * @template {keyof Events} Name
     * @param {Name} name
     * @param {Events[Name]} [detail]
     */
    emit<Name extends keyof Events>(name: Name, detail?: Events[Name]): void;
    #private;
}
