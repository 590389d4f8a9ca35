"""Load with reconnects, for as long as one likes, and whether the service stays as large as it was."""
