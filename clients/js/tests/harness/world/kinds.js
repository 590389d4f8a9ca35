/** Whether a person wrote it. */
export const isText = ({ kind }) => kind === "text";
