"""Central events: bursts of identical lines counted in Redis, or in a database at once."""
