"""`hotswap demo`: a real server, a real client, real edits."""
