// Creating a group room.

import { chat } from "./chat.js";
import { byId, el } from "./dom.js";
import { personName } from "./names.js";
import { watchSearch } from "./people.js";
import { toast } from "./toast.js";

export function watchGroupForm(whenCreated) {
  const form = byId("group-form");
  const chosen = new Map();

  const drawChosen = () => {
    const chips = [...chosen.values()].map((person) => {
      const name = personName(person);
      const drop = () => chosen.delete(person.id) && drawChosen();
      return el("li", {}, el("button", { type: "button", class: "chip", onclick: drop, "aria-label": `Leave out ${name}` }, name, " ×"));
    });
    byId("group-people").replaceChildren(...chips);
  };
  const choose = (person) => {
    chosen.set(person.id, person);
    search.clear();
    drawChosen();
    byId("group-search").focus();
  };
  const isLeftOut = (person) => chosen.has(person.id);
  const search = watchSearch(byId("group-search"), byId("group-results"), choose, { isLeftOut });

  form.onsubmit = async (event) => {
    event.preventDefault();
    const { name, kind } = Object.fromEntries(new FormData(form));
    const button = form.querySelector(".primary");
    button.disabled = true;
    try {
      const room = await chat.rooms.create({ name, kind, members: [...chosen.keys()] });
      chat.store.putRoom(room);
      whenCreated(room);
    } catch (error) {
      toast(error.message);
    } finally {
      button.disabled = false;
    }
  };

  return {
    clear() {
      form.reset();
      chosen.clear();
      search.clear();
      drawChosen();
    },
  };
}
