"""After the match: suppress, select, plan, verify."""
