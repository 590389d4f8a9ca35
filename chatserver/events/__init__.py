"""The log: everything that happens, in one order.

Invariants:
- I1: emit() writes in the caller's transaction, so an event is committed exactly when its change is.
- I2: once a position is visible, no smaller position ever becomes visible (see sequencer.py).
- Who hears a topic is part of the log too: subscriptions change when their row is sequenced, so at each position
  it is defined who is entitled to what, and every process sees the same.

This package knows topics and user ids. It does not know what a room or a message is.
"""
