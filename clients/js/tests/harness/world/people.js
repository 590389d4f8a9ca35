function name(world) {
  const person = world.one([...world.people.values()]);
  world.people.set(person.id, { ...person, display_name: `name ${world.seconds}` });
  world.emit("user.updated", null, world.people.get(person.id));
}

/** I block somebody, or no longer. */
function block(world) {
  const id = 2 + Math.floor(world.chance() * (world.people.size - 1));
  const isBlocked = world.blocked.delete(id);
  if (!isBlocked) world.blocked.add(id);
  const data = { user: world.people.get(id), blocked_at: world.now() };
  world.emit(isBlocked ? "block.removed" : "block.added", null, data);
}

export const peopleActs = { name, block };
