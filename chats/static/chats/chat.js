// The page's client: cookies of this origin, below the service's path, and what is unsent kept with the tab's other things.

import { ChatClient } from "./client/index.js";
import { BASE_PATH, tabStorage } from "./place.js";

const storage = { getItem: tabStorage.get, setItem: tabStorage.set, removeItem: tabStorage.remove };

export const chat = new ChatClient({ url: BASE_PATH, storage });
