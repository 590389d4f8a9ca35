"""`peers`: others do the same work in the same run, so that figures mean something beyond this machine."""
