"""Real servers, and clients that nobody here wrote."""
